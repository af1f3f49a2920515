"""The GraphQL operations that a run needs from its start to its end."""

from __future__ import annotations

__all__ = (
    "CREATE_RUN_FILES",
    "RUN_STOPPED",
    "SERVER_FEATURES",
    "UPSERT_RUN",
)

SERVER_FEATURES = """
query ServerFeaturesQuery {
  serverInfo { features { name isEnabled } }
}
"""

UPSERT_RUN = """
mutation UpsertBucket(
  $id: String, $name: String, $project: String, $entity: String, $groupName: String,
  $description: String, $displayName: String, $notes: String, $commit: String,
  $config: JSONString, $host: String, $debug: Boolean, $program: String, $repo: String,
  $jobType: String, $state: String, $sweep: String, $tags: [String!], $summaryMetrics: JSONString
) {
  upsertBucket(input: {
    id: $id, name: $name, modelName: $project, entityName: $entity, groupName: $groupName,
    description: $description, displayName: $displayName, notes: $notes, commit: $commit,
    config: $config, host: $host, debug: $debug, jobProgram: $program, jobRepo: $repo,
    jobType: $jobType, state: $state, sweep: $sweep, tags: $tags, summaryMetrics: $summaryMetrics
  }) {
    bucket {
      id
      name
      displayName
      sweepName
      historyLineCount
      project { name entity { name } }
    }
    inserted
  }
}
"""

CREATE_RUN_FILES = """
mutation CreateRunFiles($entity: String!, $project: String!, $run: String!, $files: [String!]!) {
  createRunFiles(
    input: { entityName: $entity, projectName: $project, runName: $run, files: $files }
  ) {
    runID
    uploadHeaders
    files { name uploadUrl }
  }
}
"""

RUN_STOPPED = """
query RunStoppedStatus($projectName: String, $entityName: String, $runId: String!) {
  project(name: $projectName, entityName: $entityName) { run(name: $runId) { stopped } }
}
"""
