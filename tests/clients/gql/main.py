"""Python's gql: documents checked against the server's schema, decimals as decimals, pages, a dry run, an error."""

import os
import sys
from decimal import Decimal

from gql import Client, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.requests import RequestsHTTPTransport
from gql.utilities import update_schema_scalar
from graphql import GraphQLError, GraphQLScalarType

transport = RequestsHTTPTransport(
    url=sys.argv[1], headers={"Authorization": f"Bearer {os.environ['BOORDTABEL_TOKEN']}"}, timeout=60
)
with Client(transport=transport, fetch_schema_from_transport=True, parse_results=True) as session:
    client = session.client
    # An exact decimal comes as text, and is a Decimal here.
    exact = GraphQLScalarType("Decimal", serialize=str, parse_value=Decimal)
    update_schema_scalar(client.schema, "Decimal", exact)

    norms = gql(
        """
        query Norms($first: Int!, $after: String) {
          norms(first: $first, after: $after) {
            totalCount
            nodes { key basis target { value } }
            pageInfo { hasNextPage endCursor }
          }
        }
        """
    )
    found, after = [], None
    while True:
        norms.variable_values = {"first": 25, "after": after}
        page = session.execute(norms)["norms"]
        found += page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert page["pageInfo"]["endCursor"] != after, "each page goes on"
        after = page["pageInfo"]["endCursor"]
    assert len({norm["key"] for norm in found}) == page["totalCount"] > 25, (len(found), page["totalCount"])
    targets = {norm["key"]: norm["target"]["value"] for norm in found if norm["target"]}
    assert targets["collectief-maatwerk/100-contingent-behandeling-wse-21-dagen"] == Decimal("1.00"), targets

    write = gql(
        """
        mutation Record($input: RecordObservationInput!) {
          recordObservation(input: $input) { status problems { code message } changes { outcome key } }
        }
        """
    )
    write.variable_values = {
        "input": {
            "indicatorKey": "vlaamse-ondersteuningspremie/vek",
            "period": "2021",
            "value": Decimal("6100.50"),
            "reason": "tried with gql",
            "idempotencyKey": "gql",
            "dryRun": True,
        }
    }
    told = session.execute(write, serialize_variables=True)["recordObservation"]
    assert told["status"] == "WOULD_COMMIT" and told["changes"][0]["outcome"] == "CREATED", told

    # What the schema does not have is found here; what the server refuses comes with its code and hint.
    try:
        client.validate(gql("{ measure(key: \"transitiepremie\") { nothing } }"))
        raise AssertionError("that is no document of this schema")
    except GraphQLError as error:
        assert "nothing" in str(error), error
    try:
        norms.variable_values = {"first": 5000}
        session.execute(norms)
        raise AssertionError("a page of 5000 is refused")
    except TransportQueryError as error:
        assert error.errors[0]["extensions"]["code"] == "LIMIT_EXCEEDED", error
    print(f"{len(found)} norms in pages, {len(targets)} with a target")
