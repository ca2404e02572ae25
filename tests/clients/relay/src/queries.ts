import { graphql } from "relay-runtime";

/** A page with the measures of a plan. */
export const plan = graphql`
  query queriesPlanQuery($plan: String!) {
    plan(key: $plan) {
      id
      title
      ...queriesMeasures
    }
  }
`;

/** The list on that page, which asks for its next pages by itself. */
export const measures = graphql`
  fragment queriesMeasures on Plan
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" })
  @refetchable(queryName: "queriesMeasuresPagesQuery") {
    measures(first: $count, after: $cursor) @connection(key: "Plan_measures") {
      totalCount
      edges {
        node {
          id
          name
          ...queriesMeasure
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`;

/** One of them. */
export const measure = graphql`
  fragment queriesMeasure on Measure @refetchable(queryName: "queriesMeasureAgainQuery") {
    key
    lifecycle
    norms {
      label
      target {
        value
      }
    }
  }
`;

/** A write. */
export const setStatus = graphql`
  mutation queriesSetStatusMutation($input: SetMilestoneStatusInput!) {
    setMilestoneStatus(input: $input) {
      status
      changes {
        node {
          id
          ... on Milestone {
            status
          }
        }
      }
    }
  }
`;
