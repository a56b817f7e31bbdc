#!/bin/sh
# Lay everything but the program below a folder ("" is the system itself): units, users, folders, rotation, rules, board,
# a format for lnav, configuration.
# A configuration that is there already stays.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=${1-}

install -Dm644 "$here/winnowd.service" "$root/usr/lib/systemd/system/winnowd.service"
install -Dm644 "$here/winnowd-notify.service" "$root/usr/lib/systemd/system/winnowd-notify.service"
install -Dm644 "$here/winnowd-notify.path" "$root/usr/lib/systemd/system/winnowd-notify.path"
install -Dm644 "$here/winnowd-web.service" "$root/usr/lib/systemd/system/winnowd-web.service"
for unit in winnowd-anchor.service winnowd-anchor.timer winnowd-ended.service; do
    install -Dm644 "$here/$unit" "$root/usr/lib/systemd/system/$unit"
done
install -Dm644 "$here/winnowd-restart-steps.conf" "$root/usr/share/winnowd/systemd/restart-steps.conf"
install -Dm644 "$here/winnowd-anchor-git.conf" "$root/usr/share/winnowd/systemd/anchor-git.conf"
install -Dm755 "$here/anchor-git" "$root/usr/share/winnowd/anchor-git"
install -Dm644 "$here/winnowd.sysusers" "$root/usr/lib/sysusers.d/winnowd.conf"
install -Dm644 "$here/winnowd.tmpfiles" "$root/usr/lib/tmpfiles.d/winnowd.conf"
install -Dm644 "$here/winnowd.logrotate" "$root/etc/logrotate.d/winnowd"
install -Dm644 "$here/README.md" "$root/usr/share/doc/winnowd/README.md"
install -Dm644 "$here/../docs/notify.md" "$root/usr/share/doc/winnowd/notify.md"
install -Dm644 "$here/../docs/how-to/page.md" "$root/usr/share/doc/winnowd/page.md"
install -Dm644 "$here/../docs/how-to/anchor.md" "$root/usr/share/doc/winnowd/anchor.md"
install -Dm644 "$here/../docs/metrics.md" "$root/usr/share/doc/winnowd/metrics.md"
install -Dm644 "$here/prometheus/winnowd.rules.yml" "$root/usr/share/winnowd/prometheus/winnowd.rules.yml"
install -Dm644 "$here/prometheus/winnowd.rules.test.yml" "$root/usr/share/winnowd/prometheus/winnowd.rules.test.yml"
install -Dm644 "$here/lnav/winnowd.json" "$root/usr/share/winnowd/lnav/winnowd.json"
install -Dm644 "$here/grafana/winnowd.json" "$root/usr/share/winnowd/grafana/winnowd.json"
install -Dm644 "$here/../LICENSE" "$root/usr/share/doc/winnowd/copyright"
install -d "$root/usr/bin"
ln -sfn /opt/winnowd/bin/winnowd "$root/usr/bin/winnowd"
if [ ! -e "$root/etc/winnowd/winnowd.toml" ]; then
    install -d "$root/etc/winnowd"
    {
        cat "$here/../config/winnowd.toml"
        printf '\n[orders]\n# Here people who give orders have a group of their own.\ngroup = "winnowd-admin"\n'
    } > "$root/etc/winnowd/winnowd.toml"
    chmod 644 "$root/etc/winnowd/winnowd.toml"
fi
