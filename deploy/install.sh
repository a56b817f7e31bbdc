#!/bin/sh
# winnowd from this checkout as a systemd service, without dpkg: install | upgrade | remove | purge. As root.
# Of others nothing is built as root: their packages come as wheels, with the hashes of requirements*.lock. This checkout is
# made into a wheel by the setuptools of requirements-build.lock. Trusted unseen are only Python and the pip it brings.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/winnowd
python=${PYTHON:-/usr/bin/python3}
lock=$here/../requirements.lock
web_lock=$here/../requirements-web.lock

say() { echo "winnowd: $*" >&2; }
pip() { venv=$1 && shift && "$venv/bin/pip" --quiet --disable-pip-version-check "$@"; }
running() { [ -d /run/systemd/system ]; }

kept() {
    say "/var/lib/winnowd stays: corpus, audit log, ledger, what was turned away; it is yours to delete"
}

# Everything that may fail for want of a network happens while the service still runs.
gather() {
    wheels=$(mktemp -d)
    trap 'rm -rf "$wheels"' EXIT
    cp -r "$here/../service" "$here/../pyproject.toml" "$here/../README.md" "$here/../LICENSE" "$wheels/"
    "$python" -m venv "$wheels/venv"
    pip "$wheels/venv" install --require-hashes --only-binary :all: --requirement "$here/../requirements-build.lock"
    pip "$wheels/venv" download --require-hashes --only-binary :all: --requirement "$lock" --requirement "$web_lock" --dest "$wheels/all" || {
        say "if pip found no version that fits, a package has no wheel for this Python or machine: PYTHON=python3.13 $0"
        return 1
    }
    pip "$wheels/venv" wheel --no-deps --no-build-isolation --wheel-dir "$wheels" "$wheels"
}

# The old program is put back if the new one cannot be laid.
lay() {
    rm -rf "$prefix.old"
    if [ -d "$prefix" ]; then mv "$prefix" "$prefix.old"; fi
    if "$python" -m venv "$prefix" &&
        pip "$prefix" install --no-index --find-links "$wheels/all" --require-hashes --requirement "$lock" --requirement "$web_lock" &&
        pip "$prefix" install --no-index --no-deps "$wheels"/winnowd-*.whl
    then
        rm -rf "$prefix.old"
    else
        rm -rf "$prefix"
        if [ -d "$prefix.old" ]; then mv "$prefix.old" "$prefix"; fi
        say "not installed; what was there before is there again"
        return 1
    fi
    "$here/lay.sh" ""
    systemd-sysusers winnowd.conf
    systemd-tmpfiles --create winnowd.conf
}

start() {
    if running; then
        systemctl daemon-reload
        systemctl enable --quiet --now winnowd.service || { say "it does not start; see journalctl -u winnowd"; return 1; }
        for unit in winnowd-web.service winnowd-anchor.timer; do
            if systemctl is-enabled --quiet "$unit"; then systemctl start "$unit" || true; fi
        done
        systemctl enable --quiet --now winnowd-notify.path || say "nobody will be told; see systemctl status winnowd-notify.path"
    else
        systemctl enable --quiet winnowd.service winnowd-notify.path
    fi
}

stop() {
    if running; then
        systemctl stop winnowd-web.service winnowd-anchor.timer winnowd-notify.path winnowd-notify.service 2>/dev/null || true
    fi
    if running && systemctl is-active --quiet winnowd.service; then
        systemctl stop winnowd.service # it ends after the batch in hand, with everything on disk
    fi
}

remove() {
    stop
    systemctl disable --quiet winnowd.service winnowd-notify.path winnowd-web.service winnowd-anchor.timer 2>/dev/null || true
    rm -rf "$prefix" "$prefix.old" /usr/share/doc/winnowd /usr/share/winnowd
    rm -f /usr/bin/winnowd /usr/lib/systemd/system/winnowd.service /usr/lib/systemd/system/winnowd-notify.service \
        /usr/lib/systemd/system/winnowd-notify.path /usr/lib/systemd/system/winnowd-web.service \
        /usr/lib/systemd/system/winnowd-anchor.service /usr/lib/systemd/system/winnowd-anchor.timer \
        /usr/lib/systemd/system/winnowd-ended.service /usr/lib/sysusers.d/winnowd.conf \
        /usr/lib/tmpfiles.d/winnowd.conf /etc/logrotate.d/winnowd
    rm -f /var/spool/winnowd/inbox
    if running; then systemctl daemon-reload; fi
}

if [ "$(id -u)" != 0 ]; then say "run it as root"; exit 2; fi

case ${1-} in
install | upgrade)
    gather
    stop
    lay || { start; exit 1; }
    start # a start brings the ledger up to date
    ;;
remove)
    remove
    say "/etc/winnowd stays"
    kept
    ;;
purge)
    remove
    rm -rf /etc/winnowd /var/log/winnowd
    kept
    ;;
*)
    say "install.sh install | upgrade | remove | purge"
    exit 2
    ;;
esac
