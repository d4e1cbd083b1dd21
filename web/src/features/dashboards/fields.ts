import { graphql } from "@/gql/gql";

export const DashboardFields = graphql(`
  fragment DashboardFields on Dashboard {
    id
    name
    description
    version
    refreshSeconds
    scope {
      range
      timeColumn
      filters {
        column
        comparison
        value
      }
    }
    updatedBy
    updatedAt
    variables {
      name
      label
      type
      defaultValue
      options
    }
    tiles {
      id
      kind
      title
      statement
      text
      x
      y
      width
      height
      spec {
        kind
        x
        y
        series
        stacked
      }
    }
  }
`);

export const UpdateDashboard = graphql(`
  mutation UpdateDashboard($input: UpdateDashboardInput!) {
    updateDashboard(input: $input) {
      id
      ...DashboardFields
    }
  }
`);

export const CreateDashboard = graphql(`
  mutation CreateDashboard($input: CreateDashboardInput!) {
    createDashboard(input: $input) {
      id
      ...DashboardFields
    }
  }
`);
