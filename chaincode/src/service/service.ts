import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { JSONSerializer } from 'fabric-contract-api';
import { Shim, type ChaincodeServerOpts } from 'fabric-shim';
import ChaincodeFromContract from 'fabric-shim/lib/contract-spi/chaincodefromcontract';
import type { ChaincodeName } from '../api/transactions';
import { CHAINCODES } from '../contracts/chaincodes';
import { assertApprovedCode } from './approved-code';
import { attested } from './attestation/attested';
import { attestationOf } from './attestation/attestation-file';
import { AttestationService } from './attestation/attestation-service';
import { BatchingServer } from './batches/batching-server';

/** Where the built code and its package.json lie. */
const CODE = resolve(__dirname, '..', '..');

/** Fabric's own limit for messages; the shim's default of 4 MB is less than a day's settlements. */
const MESSAGE_LIMIT = 100 * 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Serve one of the two chaincodes to peers with the unmodified fabric-shim, over mutual TLS. Environment, as fabric-shim's
 * samples name it: CHAINCODE_SERVER_ADDRESS (host:port), CHAINCODE_ID (package id), CHAINCODE_TLS_CERT_FILE,
 * CHAINCODE_TLS_KEY_FILE and CHAINCODE_TLS_CLIENT_CACERT_FILE (PEM). Refuses a package id that names other code. Where the organisation has
 * transactions attested: CHAINCODE_ATTESTATION_FILE, and CHAINCODE_SERVES, which then names this one organisation.
 */
export async function startService([name = '']: readonly string[], environment: Environment): Promise<void> {
    if (!isChaincodeName(name)) {
        throw new Error(`usage: start.js ${Object.keys(CHAINCODES).join('|')}, not ${name === '' ? 'nothing' : name}`);
    }
    const options = serverOptions(environment);
    assertApprovedCode(options.ccid, name, CODE);
    const attestation = attestationOf(environment);
    quietDebugging(environment);
    const served = chaincode(name);
    const hooked =
        attestation === undefined ? served : attested(served, name, attestation, new AttestationService(attestation));
    await new BatchingServer(hooked, options).start();
}

/** The shim's loggers that are called for every message. */
const BUSY_LOGGERS = [
    'lib/handler.js',
    'lib/stub.js',
    'lib/iterators.js',
    'lib/chaincode.js',
    'contracts-spi/chaincodefromcontract.js',
    'contracts-spi/datamarshall.js',
];

/**
 * The shim formats every debug line, keys, values and policies included, before it drops it for its level: a quarter of the
 * time of a day's transactions. Below level DEBUG its loggers are given a debug that does nothing.
 */
function quietDebugging({ CORE_CHAINCODE_LOGGING_LEVEL: level = '' }: Environment): void {
    if (level.toUpperCase() !== 'DEBUG') {
        for (const name of BUSY_LOGGERS) {
            const logger = Shim.newLogger(name);
            Object.assign(logger, { debug: () => logger });
        }
    }
}

const isChaincodeName = (name: string): name is ChaincodeName => Object.hasOwn(CHAINCODES, name);

function chaincode(name: ChaincodeName): InstanceType<typeof ChaincodeFromContract> {
    const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
    return new ChaincodeFromContract([...CHAINCODES[name]], serializers, {}, name, '1');
}

function serverOptions(environment: Environment): ChaincodeServerOpts {
    const needed = {
        address: 'CHAINCODE_SERVER_ADDRESS',
        ccid: 'CHAINCODE_ID',
        cert: 'CHAINCODE_TLS_CERT_FILE',
        key: 'CHAINCODE_TLS_KEY_FILE',
        clientCACerts: 'CHAINCODE_TLS_CLIENT_CACERT_FILE',
    } as const;
    const missing = Object.values(needed).filter((name) => (environment[name] ?? '') === '');
    if (missing.length > 0) {
        throw new Error(`not in the environment: ${missing.join(', ')}`);
    }
    const file = (name: string): Buffer => readFileSync(environment[name] ?? '');
    return {
        address: environment[needed.address] ?? '',
        ccid: environment[needed.ccid] ?? '',
        tlsProps: { cert: file(needed.cert), key: file(needed.key), clientCACerts: file(needed.clientCACerts) },
        'grpc.max_receive_message_length': MESSAGE_LIMIT,
        'grpc.max_send_message_length': MESSAGE_LIMIT,
    };
}
