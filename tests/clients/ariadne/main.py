"""The client that ariadne-codegen makes of the schema and `queries.graphql`: typed, with decimals, words and days."""

import datetime
import sys
from decimal import Decimal

sys.path.insert(0, "build")

from register import Client, Credit, Phase  # noqa: E402
from register.exceptions import GraphQLClientError  # noqa: E402

client = Client(url=sys.argv[1])
answer = client.budget(key="od-vi-2.1/vlaams-zorgkrediet")
amounts = {
    (amount.year, amount.phase, amount.credit): amount.figure.value for amount in answer.budget_line.amounts
}
assert amounts[2020, Phase.REALISED, Credit.VAK] == Decimal("40726237"), amounts
assert isinstance(answer.register.committed_at, datetime.datetime), answer.register

measure = client.first_measure().measures.nodes[0]
node = client.anything(id=measure.id).node
assert node.typename__ == "Measure" and node.name == measure.name, node
try:
    client.anything(id="none")
    raise AssertionError("that is no id")
except GraphQLClientError as error:
    assert "is no id" in str(error), error
print(f"{answer.budget_line.name}: {len(amounts)} amounts")
