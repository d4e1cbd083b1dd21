#pragma once

#include "api/schema/types.h"
#include "api/services.h"

// The schema's roots. Their fields are defined a domain a file: *_queries.cc, *_mutations.cc and
// subscriptions.cc.
namespace firn::api {

using graphql::Call;
using graphql::Field;

class QueryRoot final : public schema::Query {
 public:
  explicit QueryRoot(Services& services) : services_(services) {}
  Field<std::optional<schema::Node>> node(graphql::Call& call,
                                          const schema::QueryNodeArgs& args) const override;
  Field<std::vector<std::optional<schema::Node>>> nodes(
      graphql::Call& call, const schema::QueryNodesArgs& args) const override;
  Field<std::vector<std::shared_ptr<const schema::Catalog>>> catalogs(
      graphql::Call& call) const override;
  Field<std::shared_ptr<const schema::Catalog>> catalog(
      graphql::Call& call, const schema::QueryCatalogArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> table(
      graphql::Call& call, const schema::QueryTableArgs& args) const override;
  Field<schema::TableConnection> tables(graphql::Call& call,
                                        const schema::QueryTablesArgs& args) const override;
  Field<schema::DashboardConnection> dashboards(
      graphql::Call& call, const schema::QueryDashboardsArgs& args) const override;
  Field<std::shared_ptr<const schema::Dashboard>> dashboard(
      graphql::Call& call, const schema::QueryDashboardArgs& args) const override;
  Field<schema::ChartConnection> charts(graphql::Call& call,
                                        const schema::QueryChartsArgs& args) const override;
  Field<std::optional<schema::Chart>> chart(graphql::Call& call,
                                            const schema::QueryChartArgs& args) const override;
  Field<schema::InsightConnection> insights(graphql::Call& call,
                                            const schema::QueryInsightsArgs& args) const override;
  Field<std::optional<schema::Insight>> insight(
      graphql::Call& call, const schema::QueryInsightArgs& args) const override;
  Field<schema::Ingestion> ingestion(graphql::Call& call) const override;
  Field<schema::RejectedRowConnection> rejected_rows(
      graphql::Call& call, const schema::QueryRejectedRowsArgs& args) const override;
  Field<schema::AuditConnection> audit_log(graphql::Call& call,
                                           const schema::QueryAuditLogArgs& args) const override;
  Field<schema::Deployment> deployment(graphql::Call& call) const override;
  Field<std::optional<schema::Viewer>> viewer(graphql::Call& call) const override;
  Field<schema::Setup> setup(graphql::Call& call) const override;
  Field<std::shared_ptr<const schema::Organization>> organization(
      graphql::Call& call) const override;
  Field<std::shared_ptr<const schema::QueryRun>> query_run(
      graphql::Call& call, const schema::QueryQueryRunArgs& args) const override;
  Field<schema::QueryRunConnection> query_history(
      graphql::Call& call, const schema::QueryQueryHistoryArgs& args) const override;
  Field<schema::Validation> validate_query(
      graphql::Call& call, const schema::QueryValidateQueryArgs& args) const override;
  Field<schema::Plan> explain_query(graphql::Call& call,
                                    const schema::QueryExplainQueryArgs& args) const override;
  Field<std::vector<schema::Completion>> completions(
      graphql::Call& call, const schema::QueryCompletionsArgs& args) const override;
  Field<schema::SavedQueryConnection> saved_queries(
      graphql::Call& call, const schema::QuerySavedQueriesArgs& args) const override;
  Field<std::optional<schema::SavedQuery>> saved_query(
      graphql::Call& call, const schema::QuerySavedQueryArgs& args) const override;
  Field<std::optional<schema::Evidence>> evidence(
      graphql::Call& call, const schema::QueryEvidenceArgs& args) const override;
  Field<schema::JobStats> job_stats(graphql::Call& call) const override;
  Field<std::vector<schema::JobQueue>> job_queues(graphql::Call& call) const override;
  Field<std::optional<schema::Job>> job(graphql::Call& call,
                                        const schema::QueryJobArgs& args) const override;
  Field<schema::JobConnection> jobs(graphql::Call& call,
                                    const schema::QueryJobsArgs& args) const override;
  Field<schema::JobProgress> job_progress(graphql::Call& call,
                                          const schema::QueryJobProgressArgs& args) const override;
  Field<std::vector<schema::JobWorker>> job_workers(graphql::Call& call) const override;
  Field<std::vector<schema::JobSchedule>> job_schedules(graphql::Call& call) const override;
  Field<std::vector<schema::JobBatch>> job_batches(
      graphql::Call& call, const schema::QueryJobBatchesArgs& args) const override;
  Field<std::vector<schema::JobLimit>> job_limits(graphql::Call& call) const override;
  Field<std::optional<schema::AuthorizationRequest>> authorization_request(
      graphql::Call& call, const schema::QueryAuthorizationRequestArgs& args) const override;
  Field<std::vector<schema::ConnectedProgram>> connected_programs(
      graphql::Call& call) const override;
  Field<std::vector<schema::CatalogHit>> search_catalog(
      graphql::Call& call, const schema::QuerySearchCatalogArgs& args) const override;
  Field<schema::TableDescription> describe_table(
      graphql::Call& call, const schema::QueryDescribeTableArgs& args) const override;
  Field<schema::SqlAnswer> run_sql(graphql::Call& call,
                                   const schema::QueryRunSqlArgs& args) const override;
  Field<schema::ColumnProfile> profile_column(
      graphql::Call& call, const schema::QueryProfileColumnArgs& args) const override;
  Field<schema::Forecast> forecast(graphql::Call& call,
                                   const schema::QueryForecastArgs& args) const override;
  Field<schema::PeriodComparison> compare_periods(
      graphql::Call& call, const schema::QueryComparePeriodsArgs& args) const override;
  Field<std::vector<schema::Finding>> analyze_table(
      graphql::Call& call, const schema::QueryAnalyzeTableArgs& args) const override;
  Field<std::vector<std::shared_ptr<const schema::Agent>>> agents(
      graphql::Call& call) const override;
  Field<schema::AskedAnswer> ask(graphql::Call& call,
                                 const schema::QueryAskArgs& args) const override;
  Field<std::optional<schema::LanguageModel>> language_model(graphql::Call& call) const override;
  Field<std::shared_ptr<const schema::Agent>> agent(
      graphql::Call& call, const schema::QueryAgentArgs& args) const override;
  Field<schema::ProposalConnection> proposals(
      graphql::Call& call, const schema::QueryProposalsArgs& args) const override;
  Field<std::optional<schema::StagedChange>> staged_change(
      Call& call, const schema::QueryStagedChangeArgs& args) const override;
  Field<std::vector<schema::StagedChange>> staged_changes(
      Call& call, const schema::QueryStagedChangesArgs& args) const override;
  Field<std::vector<schema::TableReader>> table_readers(
      Call& call, const schema::QueryTableReadersArgs& args) const override;
  Field<std::optional<schema::Proposal>> proposal(
      graphql::Call& call, const schema::QueryProposalArgs& args) const override;
  Field<std::optional<schema::Task>> task(graphql::Call& call,
                                          const schema::QueryTaskArgs& args) const override;
  Field<schema::TaskConnection> tasks(graphql::Call& call,
                                      const schema::QueryTasksArgs& args) const override;
  Field<std::optional<schema::QueryExport>> query_export(
      graphql::Call& call, const schema::QueryQueryExportArgs& args) const override;
  Field<std::vector<schema::QueryExport>> query_exports(
      graphql::Call& call, const schema::QueryQueryExportsArgs& args) const override;
  Field<std::vector<schema::ScheduledQuery>> scheduled_queries(graphql::Call& call) const override;
  Field<std::optional<schema::ScheduledQuery>> scheduled_query(
      graphql::Call& call, const schema::QueryScheduledQueryArgs& args) const override;
  Field<std::optional<schema::DashboardRefresh>> dashboard_refresh(
      Call& call, const schema::QueryDashboardRefreshArgs& args) const override;
  Field<std::vector<schema::ScheduledResult>> scheduled_results(
      graphql::Call& call, const schema::QueryScheduledResultsArgs& args) const override;
  Field<std::vector<schema::Alert>> alerts(graphql::Call& call) const override;
  Field<std::optional<schema::Alert>> alert(graphql::Call& call,
                                            const schema::QueryAlertArgs& args) const override;
  Field<std::vector<schema::AlertCheck>> alert_checks(
      graphql::Call& call, const schema::QueryAlertChecksArgs& args) const override;
  Field<std::vector<schema::Channel>> channels(graphql::Call& call) const override;
  Field<std::optional<schema::TableProfile>> table_profile(
      graphql::Call& call, const schema::QueryTableProfileArgs& args) const override;
  Field<std::vector<std::shared_ptr<const schema::Connection>>> connections(
      graphql::Call& call) const override;
  Field<std::shared_ptr<const schema::Connection>> connection(
      graphql::Call& call, const schema::QueryConnectionArgs& args) const override;

 private:
  Services& services_;
};

class MutationRoot final : public schema::Mutation {
 public:
  explicit MutationRoot(Services& services) : services_(services) {}
  Field<std::shared_ptr<const schema::Catalog>> create_catalog(
      graphql::Call& call, const schema::MutationCreateCatalogArgs& args) const override;
  Field<std::shared_ptr<const schema::Namespace>> create_namespace(
      graphql::Call& call, const schema::MutationCreateNamespaceArgs& args) const override;
  Field<std::string> drop_namespace(graphql::Call& call,
                                    const schema::MutationDropNamespaceArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> create_table(
      graphql::Call& call, const schema::MutationCreateTableArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> rename_table(
      graphql::Call& call, const schema::MutationRenameTableArgs& args) const override;
  Field<std::string> drop_table(graphql::Call& call,
                                const schema::MutationDropTableArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> set_table_comment(
      graphql::Call& call, const schema::MutationSetTableCommentArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> add_column(
      graphql::Call& call, const schema::MutationAddColumnArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> rename_column(
      graphql::Call& call, const schema::MutationRenameColumnArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> widen_column(
      graphql::Call& call, const schema::MutationWidenColumnArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> set_column_comment(
      graphql::Call& call, const schema::MutationSetColumnCommentArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> drop_column(
      graphql::Call& call, const schema::MutationDropColumnArgs& args) const override;
  Field<std::shared_ptr<const schema::Table>> roll_back_table(
      graphql::Call& call, const schema::MutationRollBackTableArgs& args) const override;
  Field<schema::Ref> create_tag(graphql::Call& call,
                                const schema::MutationCreateTagArgs& args) const override;
  Field<schema::Ref> create_branch(graphql::Call& call,
                                   const schema::MutationCreateBranchArgs& args) const override;
  Field<std::string> drop_ref(graphql::Call& call,
                              const schema::MutationDropRefArgs& args) const override;
  Field<schema::Policy> set_policy(graphql::Call& call,
                                   const schema::MutationSetPolicyArgs& args) const override;
  Field<schema::Policy> set_connection_policy(
      graphql::Call& call, const schema::MutationSetConnectionPolicyArgs& args) const override;
  Field<std::string> remove_policy(graphql::Call& call,
                                   const schema::MutationRemovePolicyArgs& args) const override;
  Field<std::shared_ptr<const schema::Dashboard>> create_dashboard(
      graphql::Call& call, const schema::MutationCreateDashboardArgs& args) const override;
  Field<std::shared_ptr<const schema::Dashboard>> update_dashboard(
      graphql::Call& call, const schema::MutationUpdateDashboardArgs& args) const override;
  Field<std::shared_ptr<const schema::Dashboard>> restore_dashboard(
      graphql::Call& call, const schema::MutationRestoreDashboardArgs& args) const override;
  Field<std::string> delete_dashboard(
      graphql::Call& call, const schema::MutationDeleteDashboardArgs& args) const override;
  Field<schema::Chart> create_chart(graphql::Call& call,
                                    const schema::MutationCreateChartArgs& args) const override;
  Field<schema::Chart> update_chart(graphql::Call& call,
                                    const schema::MutationUpdateChartArgs& args) const override;
  Field<std::string> delete_chart(graphql::Call& call,
                                  const schema::MutationDeleteChartArgs& args) const override;
  Field<schema::Insight> create_insight(
      graphql::Call& call, const schema::MutationCreateInsightArgs& args) const override;
  Field<schema::Insight> archive_insight(
      graphql::Call& call, const schema::MutationArchiveInsightArgs& args) const override;
  Field<schema::ReplayedRows> replay_rejected_rows(
      graphql::Call& call, const schema::MutationReplayRejectedRowsArgs& args) const override;
  Field<schema::ReplayedRows> mend_rejected_row(
      graphql::Call& call, const schema::MutationMendRejectedRowArgs& args) const override;
  Field<int64_t> discard_rejected_rows(
      graphql::Call& call, const schema::MutationDiscardRejectedRowsArgs& args) const override;
  Field<schema::Viewer> set_up(graphql::Call& call,
                               const schema::MutationSetUpArgs& args) const override;
  Field<schema::Viewer> sign_in(graphql::Call& call,
                                const schema::MutationSignInArgs& args) const override;
  Field<bool> sign_out(graphql::Call& call) const override;
  Field<schema::Viewer> accept_invitation(
      graphql::Call& call, const schema::MutationAcceptInvitationArgs& args) const override;
  Field<bool> change_password(graphql::Call& call,
                              const schema::MutationChangePasswordArgs& args) const override;
  Field<std::string> decide_authorization(
      graphql::Call& call, const schema::MutationDecideAuthorizationArgs& args) const override;
  Field<std::string> disconnect_program(
      graphql::Call& call, const schema::MutationDisconnectProgramArgs& args) const override;
  Field<schema::Viewer> rename_me(graphql::Call& call,
                                  const schema::MutationRenameMeArgs& args) const override;
  Field<std::shared_ptr<const schema::Organization>> rename_organization(
      graphql::Call& call, const schema::MutationRenameOrganizationArgs& args) const override;
  Field<schema::NewOrganization> create_organization(
      graphql::Call& call, const schema::MutationCreateOrganizationArgs& args) const override;
  Field<schema::Environment> create_environment(
      graphql::Call& call, const schema::MutationCreateEnvironmentArgs& args) const override;
  Field<std::string> delete_environment(
      graphql::Call& call, const schema::MutationDeleteEnvironmentArgs& args) const override;
  Field<schema::NewInvitation> invite_person(
      graphql::Call& call, const schema::MutationInvitePersonArgs& args) const override;
  Field<std::string> revoke_invitation(
      graphql::Call& call, const schema::MutationRevokeInvitationArgs& args) const override;
  Field<schema::Person> set_person_role(
      graphql::Call& call, const schema::MutationSetPersonRoleArgs& args) const override;
  Field<std::string> remove_person(graphql::Call& call,
                                   const schema::MutationRemovePersonArgs& args) const override;
  Field<schema::ServiceAccount> create_service_account(
      graphql::Call& call, const schema::MutationCreateServiceAccountArgs& args) const override;
  Field<schema::ServiceAccount> set_service_account_role(
      graphql::Call& call, const schema::MutationSetServiceAccountRoleArgs& args) const override;
  Field<std::string> delete_service_account(
      graphql::Call& call, const schema::MutationDeleteServiceAccountArgs& args) const override;
  Field<schema::NewKey> create_key(graphql::Call& call,
                                   const schema::MutationCreateKeyArgs& args) const override;
  Field<schema::NewKey> rotate_key(graphql::Call& call,
                                   const schema::MutationRotateKeyArgs& args) const override;
  Field<schema::Key> revoke_key(graphql::Call& call,
                                const schema::MutationRevokeKeyArgs& args) const override;
  Field<schema::Grant> grant_role(graphql::Call& call,
                                  const schema::MutationGrantRoleArgs& args) const override;
  Field<std::string> revoke_grant(graphql::Call& call,
                                  const schema::MutationRevokeGrantArgs& args) const override;
  Field<std::shared_ptr<const schema::QueryRun>> run_query(
      graphql::Call& call, const schema::MutationRunQueryArgs& args) const override;
  Field<std::shared_ptr<const schema::QueryRun>> cancel_query(
      graphql::Call& call, const schema::MutationCancelQueryArgs& args) const override;
  Field<schema::SavedQuery> save_query(graphql::Call& call,
                                       const schema::MutationSaveQueryArgs& args) const override;
  Field<schema::SavedQuery> update_saved_query(
      graphql::Call& call, const schema::MutationUpdateSavedQueryArgs& args) const override;
  Field<std::string> delete_saved_query(
      graphql::Call& call, const schema::MutationDeleteSavedQueryArgs& args) const override;
  Field<schema::Replay> replay(graphql::Call& call,
                               const schema::MutationReplayArgs& args) const override;
  Field<schema::Evidence> pin_evidence(graphql::Call& call,
                                       const schema::MutationPinEvidenceArgs& args) const override;
  Field<schema::Evidence> unpin_evidence(
      graphql::Call& call, const schema::MutationUnpinEvidenceArgs& args) const override;
  Field<schema::Job> push_job(graphql::Call& call,
                              const schema::MutationPushJobArgs& args) const override;
  Field<schema::Job> requeue_job(graphql::Call& call,
                                 const schema::MutationRequeueJobArgs& args) const override;
  Field<schema::Job> kill_job(graphql::Call& call,
                              const schema::MutationKillJobArgs& args) const override;
  Field<std::string> discard_job(graphql::Call& call,
                                 const schema::MutationDiscardJobArgs& args) const override;
  Field<int32_t> redrive_dead_jobs(graphql::Call& call,
                                   const schema::MutationRedriveDeadJobsArgs& args) const override;
  Field<std::string> pause_job_queue(graphql::Call& call,
                                     const schema::MutationPauseJobQueueArgs& args) const override;
  Field<std::string> remove_job_queue(
      graphql::Call& call, const schema::MutationRemoveJobQueueArgs& args) const override;
  Field<std::string> stop_job_worker(graphql::Call& call,
                                     const schema::MutationStopJobWorkerArgs& args) const override;
  Field<schema::JobSchedule> set_job_schedule(
      graphql::Call& call, const schema::MutationSetJobScheduleArgs& args) const override;
  Field<std::string> remove_job_schedule(
      graphql::Call& call, const schema::MutationRemoveJobScheduleArgs& args) const override;
  Field<schema::JobLimit> set_job_limit(graphql::Call& call,
                                        const schema::MutationSetJobLimitArgs& args) const override;
  Field<std::string> remove_job_limit(
      graphql::Call& call, const schema::MutationRemoveJobLimitArgs& args) const override;
  Field<std::shared_ptr<const schema::Agent>> create_agent(
      graphql::Call& call, const schema::MutationCreateAgentArgs& args) const override;
  Field<std::shared_ptr<const schema::Agent>> update_agent(
      graphql::Call& call, const schema::MutationUpdateAgentArgs& args) const override;
  Field<std::string> delete_agent(graphql::Call& call,
                                  const schema::MutationDeleteAgentArgs& args) const override;
  Field<schema::AgentMemory> add_agent_memory(
      graphql::Call& call, const schema::MutationAddAgentMemoryArgs& args) const override;
  Field<schema::AgentMemory> update_agent_memory(
      graphql::Call& call, const schema::MutationUpdateAgentMemoryArgs& args) const override;
  Field<std::string> delete_agent_memory(
      graphql::Call& call, const schema::MutationDeleteAgentMemoryArgs& args) const override;
  Field<schema::Task> run_agent(graphql::Call& call,
                                const schema::MutationRunAgentArgs& args) const override;
  Field<schema::Proposal> propose(graphql::Call& call,
                                  const schema::MutationProposeArgs& args) const override;
  Field<schema::StagedChange> stage_change(
      Call& call, const schema::MutationStageChangeArgs& args) const override;
  Field<schema::StagedChange> publish_change(
      Call& call, const schema::MutationPublishChangeArgs& args) const override;
  Field<schema::StagedChange> discard_change(
      Call& call, const schema::MutationDiscardChangeArgs& args) const override;
  Field<schema::Proposal> approve_proposal(
      graphql::Call& call, const schema::MutationApproveProposalArgs& args) const override;
  Field<schema::Proposal> reject_proposal(
      graphql::Call& call, const schema::MutationRejectProposalArgs& args) const override;
  Field<std::shared_ptr<const schema::Connection>> create_connection(
      graphql::Call& call, const schema::MutationCreateConnectionArgs& args) const override;
  Field<std::shared_ptr<const schema::Connection>> update_connection(
      graphql::Call& call, const schema::MutationUpdateConnectionArgs& args) const override;
  Field<std::string> delete_connection(
      graphql::Call& call, const schema::MutationDeleteConnectionArgs& args) const override;
  Field<std::shared_ptr<const schema::Connection>> test_connection(
      graphql::Call& call, const schema::MutationTestConnectionArgs& args) const override;
  Field<std::shared_ptr<const schema::Connection>> refresh_connection(
      graphql::Call& call, const schema::MutationRefreshConnectionArgs& args) const override;
  Field<schema::DashboardRefresh> set_dashboard_refresh(
      Call& call, const schema::MutationSetDashboardRefreshArgs& args) const override;
  Field<std::string> delete_dashboard_refresh(
      Call& call, const schema::MutationDeleteDashboardRefreshArgs& args) const override;
  Field<schema::Task> refresh_dashboard(
      Call& call, const schema::MutationRefreshDashboardArgs& args) const override;
  Field<schema::ScheduledQuery> set_scheduled_query(
      graphql::Call& call, const schema::MutationSetScheduledQueryArgs& args) const override;
  Field<std::string> delete_scheduled_query(
      graphql::Call& call, const schema::MutationDeleteScheduledQueryArgs& args) const override;
  Field<schema::Task> run_scheduled_query(
      graphql::Call& call, const schema::MutationRunScheduledQueryArgs& args) const override;
  Field<schema::Alert> set_alert(graphql::Call& call,
                                 const schema::MutationSetAlertArgs& args) const override;
  Field<std::string> delete_alert(graphql::Call& call,
                                  const schema::MutationDeleteAlertArgs& args) const override;
  Field<schema::Task> check_alert(graphql::Call& call,
                                  const schema::MutationCheckAlertArgs& args) const override;
  Field<schema::NewChannel> create_channel(
      graphql::Call& call, const schema::MutationCreateChannelArgs& args) const override;
  Field<std::string> delete_channel(graphql::Call& call,
                                    const schema::MutationDeleteChannelArgs& args) const override;
  Field<schema::Task> test_channel(graphql::Call& call,
                                   const schema::MutationTestChannelArgs& args) const override;
  Field<schema::Task> profile_table(graphql::Call& call,
                                    const schema::MutationProfileTableArgs& args) const override;
  Field<schema::Task> cancel_task(graphql::Call& call,
                                  const schema::MutationCancelTaskArgs& args) const override;
  Field<schema::QueryExport> export_query(
      graphql::Call& call, const schema::MutationExportQueryArgs& args) const override;
  Field<std::string> delete_export(graphql::Call& call,
                                   const schema::MutationDeleteExportArgs& args) const override;

 private:
  Services& services_;
};

class SubscriptionRoot final : public schema::Subscription {
 public:
  explicit SubscriptionRoot(Services& services) : services_(services) {}
  Field<std::shared_ptr<graphql::EventSource<schema::TableChange>>> table_changed(
      graphql::Call& call, const schema::SubscriptionTableChangedArgs& args) const override;
  Field<std::shared_ptr<graphql::EventSource<std::shared_ptr<const schema::Dashboard>>>>
  dashboard_changed(graphql::Call& call,
                    const schema::SubscriptionDashboardChangedArgs& args) const override;
  Field<std::shared_ptr<graphql::EventSource<std::shared_ptr<const schema::QueryRun>>>>
  query_progress(graphql::Call& call,
                 const schema::SubscriptionQueryProgressArgs& args) const override;
  Field<std::shared_ptr<graphql::EventSource<schema::Proposal>>> proposal_changed(
      graphql::Call& call) const override;
  Field<std::shared_ptr<graphql::EventSource<schema::Task>>> task_changed(
      graphql::Call& call, const schema::SubscriptionTaskChangedArgs& args) const override;
  Field<std::shared_ptr<graphql::EventSource<std::shared_ptr<const schema::AgentRun>>>>
  agent_run_changed(graphql::Call& call,
                    const schema::SubscriptionAgentRunChangedArgs& args) const override;
  Field<std::shared_ptr<graphql::EventSource<schema::JobProgress>>> job_progressed(
      graphql::Call& call, const schema::SubscriptionJobProgressedArgs& args) const override;

 private:
  Services& services_;
};

}  // namespace firn::api
