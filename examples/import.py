#!/usr/bin/env python3
"""Import observations from a CSV file: look first, then commit exactly what was seen.

    BOORDTABEL_TOKEN=bt_… python3 examples/import.py http://127.0.0.1:8080 examples/observations.csv

Needs Python 3.9 or later and nothing else. Exit codes: 0 done, 1 problems in the data, 3 the server.

With the library gql (`pip install "gql[requests]"`) the function `import_rows` is:

    from gql import Client, gql
    from gql.transport.requests import RequestsHTTPTransport

    def import_rows(url, token, **fields):
        transport = RequestsHTTPTransport(url + "/graphql", headers={"Authorization": "Bearer " + token})
        request = gql(MUTATION)
        request.variable_values = {"input": fields}
        return Client(transport=transport).execute(request)["importRows"]
"""

import csv
import json
import os
import sys
import urllib.error
import urllib.request

MUTATION = """
mutation($input: ImportRowsInput!) {
  importRows(input: $input) {
    status replayed revision digest
    counts { created updated unchanged }
    changes(first: 1000) { kind key outcome fields { field before after } }
    problems { code row path message hint candidates }
  }
}
"""


def read_rows(path):
    """The file's lines as rows: each names its kind and gives the whole record."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        for line in csv.DictReader(file):
            # An empty cell is no zero. Numbers stay text: floating point would change them.
            value = line["value"] or None
            status = "NOT_REPORTED" if value is None else "REPORTED"
            figure = {"value": value, "status": status, "unit": line["unit"]}
            yield {"observation": {"indicatorKey": line["indicatorKey"], "period": line["period"], "figure": figure}}


def import_rows(url, token, **fields):
    """Sends the mutation and gives what it came to."""
    body = json.dumps({"query": MUTATION, "variables": {"input": fields}}).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    request = urllib.request.Request(url + "/graphql", data=body, headers=headers)
    for attempt in range(3):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                told = json.load(answer)
                break
        except urllib.error.HTTPError as refusal:
            told = json.load(refusal)
            break
        except (OSError, urllib.error.URLError) as error:
            # Nobody knows whether it was done. The idempotency key makes it safe to ask again.
            if attempt == 2:
                fail(f"{url}: {error}")
    for error in told.get("errors", []):
        fail(f"{error['message']} ({error['extensions'].get('hint', '')})")
    return told["data"]["importRows"]


def fail(message):
    print(message, file=sys.stderr)
    sys.exit(3)


def check(done):
    """Ends the program when the data has problems, and tells all of them."""
    for problem in done["problems"]:
        # Row 0 is line 2 of the file: the first is the header.
        place = f"line {problem['row'] + 2}: " if problem["row"] is not None else ""
        print(f"{place}{'.'.join(problem['path'])}: {problem['code']}: {problem['message']}")
        print(f"    {problem['hint']} {' '.join(problem['candidates'])}".rstrip())
    if done["status"] == "REJECTED":
        sys.exit(1)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: import.py URL FILE")
    url, path = sys.argv[1].rstrip("/"), sys.argv[2]
    token = os.environ.get("BOORDTABEL_TOKEN", "")
    what = {"rows": list(read_rows(path)), "reason": "observations of 2021"}

    dry = import_rows(url, token, dryRun=True, idempotencyKey="look", **what)
    check(dry)
    for change in dry["changes"]:
        print(change["outcome"], change["kind"], change["key"])
        for field in change["fields"]:
            print(f"    {field['field']}: {field['before']} -> {field['after']}")
    if dry["status"] == "UNCHANGED":
        print(f"nothing to do: all {dry['counts']['unchanged']} rows are there")
        return

    # The digest names what was just shown: anything else is refused. As a key it tells this commit from all others.
    digest = dry["digest"]
    done = import_rows(url, token, expectDigest=digest, idempotencyKey="commit-" + digest, **what)
    check(done)
    print(f"revision {done['revision']}: {done['counts']['created']} created, {done['counts']['updated']} updated")


main()
