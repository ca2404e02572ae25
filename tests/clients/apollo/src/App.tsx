import { ApolloProvider, useMutation, useQuery, useSubscription } from "@apollo/client/react";
import { makeClient } from "./client.js";
import { Live, Project, SetStatus } from "./queries.js";

const client = makeClient("http://127.0.0.1:8080/graphql", sessionStorage.getItem("token") ?? undefined);

export default function App() {
  return (
    <ApolloProvider client={client}>
      <Milestones project="beleidsproject-13" />
    </ApolloProvider>
  );
}

function Milestones({ project }: { project: string }) {
  const { data, loading, error } = useQuery(Project, { variables: { key: project } });
  // Follows from the state that is shown on; the cache takes what is told, and what stands below changes by itself.
  const after = data?.register.revision;
  useSubscription(Live, { variables: { after }, skip: after === undefined });
  const [setStatus, written] = useMutation(SetStatus);
  if (error) return <p role="alert">{error.message}</p>;
  if (!data?.project) return <p>{loading ? "…" : `There is no project ${project}.`}</p>;
  const problem = written.error?.message ?? written.data?.setMilestoneStatus.problems[0]?.message;
  const done = (milestoneKey: string) => {
    // A key for each thing that a person does: sent again after a break, it is done once.
    const input = { milestoneKey, status: "REALISED" as const, reason: "seen on site", idempotencyKey: crypto.randomUUID() };
    void setStatus({ variables: { input } });
  };
  return (
    <main>
      <h1>{data.project.title}</h1>
      {problem && <p role="alert">{problem}</p>}
      <ul>
        {data.project.milestones.map(({ id, key, title, status }) => (
          <li key={id}>
            {title}: {status ?? "not said"} <button onClick={() => done(key)}>It is done</button>
          </li>
        ))}
      </ul>
    </main>
  );
}
