#!/bin/sh
# The share's one user, `photos`, works as the person whose photos they are.
set -eu
if [ -z "${SMB_PASSWORD:-}" ]; then
  echo "samba: expected SMB_PASSWORD, the share's password; found none. Write it into .env" >&2
  exit 1
fi
getent group "$PGID" >/dev/null || groupadd --gid "$PGID" photos
id photos >/dev/null 2>&1 || useradd --uid "$PUID" --gid "$PGID" --non-unique --no-create-home photos
printf '%s\n%s\n' "$SMB_PASSWORD" "$SMB_PASSWORD" | smbpasswd -a -s photos
exec smbd --foreground --no-process-group --debug-stdout
