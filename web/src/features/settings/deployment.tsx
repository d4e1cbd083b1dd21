import { t } from "@lingui/core/macro";
import { useQuery } from "urql";
import { graphql } from "@/gql/gql";
import { errorText } from "@/ui/error_text";
import { Facts } from "@/ui/facts";
import { formatBytes, formatCount } from "@/ui/format";
import { Ago } from "@/ui/moment";
import { usePoll } from "@/ui/poll";
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
  usePoll(() => again({ requestPolicy: "network-only" }), 5000);
  if (error && !data) return <Failed message={errorText(error)} onRetry={() => again({ requestPolicy: "network-only" })} />;
  if (!data) return <SkeletonLines label={t`Loading the deployment's state`} />;
  const { deployment: server } = data;
  const facts = [
    [t`Version`, server.version],
    [t`Started`, <Ago key="s" at={server.startedAt} />],
    [t`Memory of the server`, formatBytes(server.residentBytes)],
    [t`Free on the disk`, formatBytes(server.diskFreeBytes)],
    [t`Query workers`, t`${server.queryWorkersBusy} of ${server.queryWorkers} busy`],
    [t`Connections`, formatCount(server.httpConnections)],
    [t`Requests since start`, formatCount(server.requests)],
    [t`Rows in memory`, formatBytes(server.hotBytes)],
    [t`Write-ahead log`, formatBytes(server.logBytes)],
    [t`Commits since start`, formatCount(server.commits)],
  ] as const;
  return <Facts facts={facts} />;
}
