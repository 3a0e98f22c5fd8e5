// npm run build: what is stale of the programs and the admin UI.
import { prepareOrExit } from './prepare.mjs';

await prepareOrExit();
console.log('Built.');
