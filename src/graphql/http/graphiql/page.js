// GraphiQL's page: queries and mutations by POST, subscriptions as server-sent events.
const url = '/graphql';

async function post(body, headers, accept, signal) {
  return fetch(url, {
    method: 'POST',
    credentials: 'same-origin',
    headers: { ...headers, 'Content-Type': 'application/json', Accept: accept },
    body: JSON.stringify(body),
    signal,
  });
}

async function* events(body, headers) {
  const stop = new AbortController();
  try {
    const answer = await post(body, headers, 'text/event-stream', stop.signal);
    if (!answer.ok) {
      yield await answer.json();
      return;
    }
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = '';
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const parts = (rest + value).split('\n\n');
      rest = parts.pop();
      for (const part of parts) {
        if (part.startsWith('event: complete')) return;
        const data = part.split('\n').find((line) => line.startsWith('data: '));
        if (part.startsWith('event: next') && data) yield JSON.parse(data.slice(6));
      }
    }
  } finally {
    stop.abort();
  }
}

function isSubscription(params, options) {
  const operations = (options?.documentAST?.definitions ?? []).filter((d) => d.kind === 'OperationDefinition');
  const chosen = operations.find((o) => !params.operationName || o.name?.value === params.operationName);
  return chosen?.operation === 'subscription';
}

function fetcher(params, options) {
  if (isSubscription(params, options)) return events(params, options?.headers);
  return post(params, options?.headers, 'application/graphql-response+json, application/json;q=0.9').then((r) => r.json());
}

ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'headers',
    defaultHeaders: '{ "Authorization": "Bearer " }',
  }),
);
