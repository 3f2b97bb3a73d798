// Serves a folder on a free port of 127.0.0.1, with the types that a browser insists on and the headers
// that the folder's own sample `_headers` asks for, the page's policy among them.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css',
  '.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.json': 'application/json',
  '.woff2': 'font/woff2', '.md': 'text/plain; charset=utf-8', '.webmanifest': 'application/manifest+json',
};

/** What `_headers` says for every file. A folder without one has no headers. */
async function headersOf(folder) {
  const text = await readFile(join(folder, '_headers'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter((line) => line.startsWith('  ')).map((line) => line.trim());
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
}

/** Serves `folder`; `extra` maps further paths to bodies: `{ '/x.html': { type, body } }`. */
export async function serve(folder, extra = {}) {
  const headers = await headersOf(folder);
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
    const own = extra[path];
    if (own) {
      response.writeHead(200, { 'content-type': own.type }).end(own.body);
      return;
    }
    const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path));
    try {
      if (!file.startsWith(normalize(folder + sep))) throw new Error('outside');
      // A host that has a compressed twin sends it to whoever takes it.
      const takes = String(request.headers['accept-encoding']).includes('br');
      const packed = takes ? await readFile(`${file}.br`).catch(() => null) : null;
      const encoding = packed ? { 'content-encoding': 'br' } : {};
      const body = packed ?? await readFile(file);
      const type = TYPES[extname(file)] ?? 'application/octet-stream';
      response.writeHead(200, { 'content-type': type, ...encoding, ...headers }).end(body);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('no such file');
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((closed) => { server.close(closed); server.closeAllConnections(); }),
  };
}
