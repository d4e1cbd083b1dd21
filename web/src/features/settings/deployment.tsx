import { useEffect } from "react";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { formatBytes, formatCount } from "@/ui/format";
import { Ago } from "@/ui/moment";
import { Failed, SkeletonLines } from "@/ui/states";

const DeploymentStatus = graphql(`
  query DeploymentStatus {
    deployment {
      version
      startedAt
      residentBytes
      diskFreeBytes
      queryWorkers
      queryWorkersBusy
      httpConnections
      requests
      hotBytes
      logBytes
      commits
    }
  }
`);

export function DeploymentSettings() {
  const [{ data, error }, again] = useQuery({ query: DeploymentStatus, requestPolicy: "cache-and-network" });
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) again({ requestPolicy: "network-only" });
    }, 5000);
    return () => clearInterval(timer);
  }, [again]);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines label="Loading the deployment's state" />;
  const { deployment: server } = data;
  const facts = [
    ["Version", server.version],
    ["Started", <Ago key="s" at={server.startedAt} />],
    ["Memory of the server", formatBytes(server.residentBytes)],
    ["Free on the disk", formatBytes(server.diskFreeBytes)],
    ["Query workers", `${server.queryWorkersBusy} of ${server.queryWorkers} busy`],
    ["Connections", formatCount(server.httpConnections)],
    ["Requests since start", formatCount(server.requests)],
    ["Rows in memory", formatBytes(server.hotBytes)],
    ["Write-ahead log", formatBytes(server.logBytes)],
    ["Commits since start", formatCount(server.commits)],
  ] as const;
  return (
    <dl className="grid gap-px overflow-hidden rounded-[10px] border border-line bg-line sm:grid-cols-2 lg:grid-cols-5">
      {facts.map(([name, value]) => (
        <div key={name} className="bg-surface px-4 py-3">
          <dt className="text-xs text-muted">{name}</dt>
          <dd className="numeric mt-0.5 text-base font-semibold tracking-tight">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
