// Compresses files: prints `name raw gzip brotli` for each; with --keep the compressed copies stay beside
// them. Node has both, a machine that builds Rust often has neither.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [keep, ...files] = process.argv.slice(1);
for (const file of files) {
  const bytes = readFileSync(file);
  const gzip = gzipSync(bytes, { level: 9 });
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  if (keep === 'keep') {
    writeFileSync(`${file}.gz`, gzip);
    writeFileSync(`${file}.br`, brotli);
  }
  console.log(basename(file), bytes.length, gzip.length, brotli.length);
}
