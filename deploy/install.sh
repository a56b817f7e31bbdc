#!/bin/sh
# winnowd from this checkout as a systemd service, without dpkg: install | upgrade | remove | purge. As root.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/winnowd
python=${PYTHON:-/usr/bin/python3}

say() { echo "winnowd: $*" >&2; }
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
    "$wheels/venv/bin/pip" wheel --quiet --disable-pip-version-check --wheel-dir "$wheels/all" "$wheels"
}

# The old program is put back if the new one cannot be laid.
lay() {
    rm -rf "$prefix.old"
    if [ -d "$prefix" ]; then mv "$prefix" "$prefix.old"; fi
    if "$python" -m venv "$prefix" &&
        "$prefix/bin/pip" install --quiet --disable-pip-version-check --no-index --find-links "$wheels/all" winnowd
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
    else
        systemctl enable --quiet winnowd.service
    fi
}

stop() {
    if running && systemctl is-active --quiet winnowd.service; then
        systemctl stop winnowd.service # it ends after the batch in hand, with everything on disk
    fi
}

remove() {
    stop
    systemctl disable --quiet winnowd.service 2>/dev/null || true
    rm -rf "$prefix" "$prefix.old" /usr/share/doc/winnowd
    rm -f /usr/bin/winnowd /usr/lib/systemd/system/winnowd.service /usr/lib/sysusers.d/winnowd.conf \
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
