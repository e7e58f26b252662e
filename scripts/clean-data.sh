#!/bin/sh
# Deletes the data folder (private database, generated keys, uploaded files) after asking.
set -eu
cd "$(dirname "$0")/.."

folder=${DATA_DIR:-}
if [ -z "$folder" ] && [ -f .env ]; then
    folder=$(sed -n "s/^[[:space:]]*DATA_DIR[[:space:]]*=[[:space:]]*//p" .env | tail -n 1 |
        sed "s/[[:space:]]*\$//; s/^'\(.*\)'\$/\1/; s/^\"\(.*\)\"\$/\1/")
fi
folder=${folder:-./data}

if [ ! -d "$folder" ]; then
    echo "There is no data folder $folder."
    exit 0
fi
# A typing error in DATA_DIR must not cost somebody's home.
if [ ! -d "$folder/pgdata" ] && [ ! -d "$folder/secrets" ] && [ ! -f "$folder/embedded.lock" ]; then
    echo "error: $folder does not look like a data folder of Guildhall; nothing was deleted" >&2
    exit 1
fi
pid=$(sed -n 1p "$folder/pgdata/postmaster.pid" 2>/dev/null || :)
if [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null; then
    echo "error: a server is running on $folder (PostgreSQL is process $pid); stop it first" >&2
    exit 1
fi

echo "This deletes $folder for good: the private database, the generated keys, uploaded files."
printf 'Type yes to go on: '
read -r answer || answer=
if [ "$answer" != yes ]; then
    echo 'Nothing was deleted.'
    exit 1
fi
rm -rf -- "$folder"
echo "$folder is gone."
