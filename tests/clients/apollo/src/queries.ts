import { graphql } from "./generated/index.js";

export const Project = graphql(`
  query Project($key: String!) {
    register { revision }
    project(key: $key) {
      id
      title
      milestones { id key title status outcome { text } }
    }
  }
`);

export const SetStatus = graphql(`
  mutation SetStatus($input: SetMilestoneStatusInput!) {
    setMilestoneStatus(input: $input) {
      status
      revision
      changes { node { id ... on Milestone { status outcome { text } } } }
      problems { code message hint }
    }
  }
`);

export const Live = graphql(`
  subscription Live($after: Revision) {
    changes(after: $after, kinds: [MILESTONE]) {
      commit {
        revision
        changes { nodeId outcome node { id ... on Milestone { status outcome { text } } } }
      }
    }
  }
`);

export const Measures = graphql(`
  query Measures($first: Int!, $after: String, $where: MeasureWhere) {
    measures(first: $first, after: $after, where: $where) {
      totalCount
      edges { node { id name lifecycle } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);
