// node peer.mjs mercurius|yoga: the same schema and data as src/graphql/tests/library, as far as the
// benchmark asks for it. Prints the port.
import { createServer } from 'node:http';

const typeDefs = `
  type Book { id: ID! title: String! genre: String! pages: Int! weight: Float published: String copies: Float! inPrint: Boolean! default: String tags: [String!]! }
  type Query { hello: String! allBooks: [Book!]! }
`;
const books = Array.from({ length: 50 }, (_, i) => ({ id: `b${i}`, title: `Book "${i}"`, pages: 10 + i }));
const resolvers = {
  Query: { hello: () => 'world', allBooks: () => books },
  Book: {
    genre: (b) => (b.pages % 2 === 0 ? 'NOVEL' : 'SCIENCE_FICTION'),
    weight: (b) => b.pages * 0.5,
    published: (b) => new Date(b.pages * 86400000).toISOString(),
    copies: () => 1099511627776,
    inPrint: () => true,
    default: () => 'none',
    tags: () => ['a', 'b\n'],
  },
};

if (process.argv[2] === 'mercurius') {
  const { default: Fastify } = await import('fastify');
  const { default: mercurius } = await import('mercurius');
  const app = Fastify();
  app.register(mercurius, { schema: typeDefs, resolvers, jit: 1 });
  await app.listen({ port: 0, host: '127.0.0.1' });
  console.log(app.server.address().port);
} else {
  const { createSchema, createYoga } = await import('graphql-yoga');
  const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), logging: false });
  const server = createServer(yoga);
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}
