import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChaincodeService } from '@commonwatt/network/topology/topology';

export const RECORDS = 'records';

/** What the transaction `put` of it does. */
export interface RecordsWish {
    /** The keys are this and a number. */
    readonly name: string;
    readonly count: number;
    readonly value: string;
    /** False: as if the peer had announced nothing. */
    readonly batched: boolean;
    /** Each key gets this policy, in hex, as the market's keys do. */
    readonly policy?: string;
    /** In a private collection as well. */
    readonly collection?: string;
}

const WORKSPACES = join(__dirname, '..', '..', '..', '..');
/** The chaincode as it is built. */
const built = (path: string): string => join(WORKSPACES, 'chaincode', 'dist', `${path}.js`);

/** Writes through the market's own service and the market's own class, so that nothing but the rules is left out. */
const CODE = `
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { BatchingServer } = require(${JSON.stringify(built('service/batches/batching-server'))});
const { BatchedState } = require(${JSON.stringify(built('ledger/batched-state'))});
const { newLogger } = createRequire(${JSON.stringify(built('service/service'))})('fabric-shim');
const { env } = process;
const done = (status, message = '') => ({ status, message, payload: Buffer.from('{}') });
class Records {
    async Init() { return done(200); }
    async Invoke(stub) {
        try {
            const { name, count, value, batched, policy, collection } = JSON.parse(stub.getFunctionAndParameters().params[0]);
            if (batched && stub.batches === undefined) throw new Error('the peer takes no batches');
            const state = new BatchedState(batched ? stub : Object.create(stub, { batches: { value: undefined } }));
            for (let i = 0; i < count; i += 1) {
                const key = name + '-' + String(i).padStart(5, '0');
                await state.put(key, Buffer.from(value));
                if (policy !== undefined) await state.setPolicy(key, Buffer.from(policy, 'hex'));
                if (collection !== undefined) await state.put(key, Buffer.from(value), collection);
            }
            await state.flush();
            return done(200);
        } catch (error) {
            return done(500, error.message);
        }
    }
}
for (const name of ['lib/handler.js', 'lib/stub.js']) {
    const logger = newLogger(name);
    logger.debug = () => logger;
}
process.on('SIGTERM', () => process.exit(0));
new BatchingServer(new Records(), {
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
export function recordsChaincode(directory: string): Omit<ChaincodeService, 'service'> {
    mkdirSync(join(directory, 'dist'), { recursive: true });
    writeFileSync(join(directory, 'package.json'), '{}');
    writeFileSync(join(directory, 'dist', 'start.js'), CODE);
    return {
        name: RECORDS,
        version: '1',
        policyReference: '/Channel/Application/Readers',
        directory,
        start: ['dist/start.js'],
    };
}
