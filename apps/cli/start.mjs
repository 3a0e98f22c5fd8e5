// npm start: installs and builds what is stale, then hands over to the supervisor (apps/cli/src/start/main.ts).
import { prepareOrExit } from './prepare.mjs';

await prepareOrExit();
const { main } = await import('../../dist/apps/cli/src/start/main.js');
process.exit(await main(process.argv.slice(2), process.env));
