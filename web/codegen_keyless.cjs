// Lists the object types that are no Node: the normalised cache keeps them inside their parents.
const { isObjectType } = require("graphql");

module.exports = {
  plugin(schema) {
    const names = Object.values(schema.getTypeMap())
      .filter((type) => isObjectType(type) && !type.name.startsWith("__"))
      .filter((type) => !["Query", "Mutation", "Subscription"].includes(type.name))
      .filter((type) => !type.getInterfaces().some((parent) => parent.name === "Node"))
      .map((type) => type.name);
    return `export const keyless = ${JSON.stringify(names.sort(), null, 2)};\n`;
  },
};
