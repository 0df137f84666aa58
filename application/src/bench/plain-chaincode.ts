import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ChaincodeService } from '@commonwatt/network/topology/topology';

export const PLAIN = 'plain';

/** The shim that the market's own chaincode runs with. */
const SHIM = createRequire(require.resolve('@commonwatt/chaincode/package.json')).resolve('fabric-shim');

/** Puts a value under a key, and nothing else: what a transaction costs before a market has any rules. */
const CODE = `
const shim = require(${JSON.stringify(SHIM)});
const { readFileSync } = require('node:fs');
const { env } = process;
class Plain {
    async Init() { return shim.success(); }
    async Invoke(stub) {
        const { key, value } = JSON.parse(stub.getFunctionAndParameters().params[0]);
        await stub.putState(key, Buffer.from(value));
        return shim.success();
    }
}
for (const name of ['lib/handler.js', 'lib/stub.js', 'lib/chaincode.js']) {
    const logger = shim.newLogger(name);
    logger.debug = () => logger;
}
process.on('SIGTERM', () => process.exit(0));
shim.server(new Plain(), {
    ccid: env.CHAINCODE_ID,
    address: env.CHAINCODE_SERVER_ADDRESS,
    tlsProps: {
        key: readFileSync(env.CHAINCODE_TLS_KEY_FILE),
        cert: readFileSync(env.CHAINCODE_TLS_CERT_FILE),
        clientCACerts: readFileSync(env.CHAINCODE_TLS_CLIENT_CACERT_FILE),
    },
}).start();
`;

/** Writes the code into a folder and tells how it is deployed: any one member of the channel endorses it. */
export function plainChaincode(directory: string): Omit<ChaincodeService, 'service'> {
    mkdirSync(join(directory, 'dist'), { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{}');
    writeFileSync(join(directory, 'dist', 'start.js'), CODE);
    return {
        name: PLAIN,
        version: '1',
        policyReference: '/Channel/Application/Readers',
        directory,
        start: ['dist/start.js'],
    };
}
