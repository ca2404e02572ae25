#!/usr/bin/env bash
# Import observations from a CSV file: look first, then commit exactly what was seen.
#
#     BOORDTABEL_TOKEN=bt_… examples/import.sh http://127.0.0.1:8080 examples/observations.csv
#
# Needs bash, awk and curl. Cells hold no commas here; for files that do, see import.py.
# Exit codes: 0 done, 1 problems in the data, 3 the server.
set -euo pipefail

[ $# -eq 2 ] || { echo 'usage: import.sh URL FILE' >&2; exit 2; }
url="${1%/}"
file="$2"

mutation='mutation($input: ImportRowsInput!) { importRows(input: $input) {
  status revision digest changes(first: 1000) { outcome key fields { field before after } }
  problems { row code message hint candidates } } }'

# Each line becomes a row: it names its kind and gives the whole record. An empty cell is no zero.
rows="$(awk -F, '
    function text(cell) { gsub(/\\/, "\\\\", cell); gsub(/"/, "\\\"", cell); return "\"" cell "\"" }
    { sub(/\r$/, "") }
    NR > 1 && NF {
        value = $3 == "" ? "null" : text($3)
        status = $3 == "" ? "NOT_REPORTED" : "REPORTED"
        printf "%s{\"observation\":{\"indicatorKey\":%s,\"period\":%s,", (NR > 2 ? "," : ""), text($1), text($2)
        printf "\"figure\":{\"value\":%s,\"status\":\"%s\",\"unit\":%s}}}", value, status, text($4)
    }' "$file")"

# Sends the mutation with further fields of its input. The token goes in by a pipe: arguments can be seen by others.
import_rows() {
    printf '{"query":"%s","variables":{"input":{"rows":[%s],"reason":"observations of 2021",%s}}}' \
        "${mutation//$'\n'/ }" "$rows" "$1" |
        curl --silent --show-error --max-time 60 --retry 2 --retry-connrefused \
            --header 'Content-Type: application/json' \
            --header @<(printf 'Authorization: Bearer %s' "${BOORDTABEL_TOKEN:-}") \
            --data-binary @- "$url/graphql" || exit 3
}

# The first text of that name in an answer.
text_of() {
    grep -o "\"$1\":\"[^\"]*\"" <<<"$2" | head -n 1 | cut -d '"' -f 4 || true
}

# Shows an answer, an object a line, and ends when it is a refusal.
check() {
    sed 's/},{/},\n{/g; s/\[{/[\n{/g' <<<"$1"
    case "$(text_of status "$1")" in
    REJECTED) exit 1 ;;
    '') exit 3 ;;
    esac
}

dry="$(import_rows '"dryRun":true,"idempotencyKey":"look"')"
check "$dry"
if [ "$(text_of status "$dry")" = UNCHANGED ]; then
    echo 'nothing to do: all rows are there'
    exit 0
fi

# The digest names what was just shown: anything else is refused. As a key it tells this commit from all others.
digest="$(text_of digest "$dry")"
done="$(import_rows "\"expectDigest\":\"$digest\",\"idempotencyKey\":\"commit-$digest\"")"
check "$done" >&2
echo "$(text_of status "$done"): $(grep -o '"revision":[0-9]*' <<<"$done" | head -n 1 | tr -d '"')"
