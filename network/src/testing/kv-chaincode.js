'use strict';

/*
 * A chaincode for tests of the peer: one function per thing a chaincode can ask of its peer, over the unmodified fabric-shim,
 * as a service of its own process. Arguments are strings; private values come as transient data under `value`.
 */
const { readFileSync } = require('node:fs');

process.env.CORE_CHAINCODE_LOGGING_SHIM ??= 'error';
const shim = require('fabric-shim');

const POLICY = 'VALIDATION_PARAMETER';

async function list(iterator) {
    const results = [];
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) results.push(next.value);
    await iterator.close();
    return results;
}

const keysOf = (results) => JSON.stringify(results.map(({ key, value }) => [key, Buffer.from(value).toString()]));

function transientValue(stub) {
    const value = stub.getTransient().get('value');
    if (!value) throw new Error('no transient value');
    return Buffer.from(value);
}

const FUNCTIONS = {
    put: (stub, key, value) => stub.putState(key, Buffer.from(value)),
    get: (stub, key) => stub.getState(key),
    del: (stub, key) => stub.deleteState(key),
    putMany: async (stub, count, value) => {
        for (let index = 0; index < Number(count); index += 1) {
            await stub.putState(`many-${String(index).padStart(5, '0')}`, Buffer.from(value));
        }
    },
    add: async (stub, key, amount) => {
        const before = Number((await stub.getState(key)).toString() || '0');
        await stub.putState(key, Buffer.from(String(before + Number(amount))));
        return String(before);
    },
    range: async (stub, start, end) => keysOf(await list(await stub.getStateByRange(start, end))),
    count: async (stub, start, end) => String((await list(await stub.getStateByRange(start, end))).length),
    page: async (stub, start, end, size, bookmark) => {
        const page = await stub.getStateByRangeWithPagination(start, end, Number(size), bookmark);
        const keys = (await list(page.iterator)).map(({ key }) => key);
        return JSON.stringify({ keys, bookmark: page.metadata.bookmark, count: page.metadata.fetchedRecordsCount });
    },
    history: async (stub, key) => {
        const changes = await list(await stub.getHistoryForKey(key));
        return JSON.stringify(
            changes.map(({ txId, value, isDelete }) => ({ txId, value: Buffer.from(value).toString(), isDelete })),
        );
    },
    query: async (stub, text) => keysOf(await list(await stub.getQueryResult(text))),
    setPolicy: (stub, key, hex) => stub.setStateValidationParameter(key, Buffer.from(hex, 'hex')),
    getPolicy: async (stub, key) => Buffer.from(await stub.getStateValidationParameter(key)).toString('hex'),
    putPrivate: (stub, collection, key) => stub.putPrivateData(collection, key, transientValue(stub)),
    getPrivate: (stub, collection, key) => stub.getPrivateData(collection, key),
    getPrivateHash: async (stub, collection, key) =>
        Buffer.from(await stub.getPrivateDataHash(collection, key)).toString('hex'),
    delPrivate: (stub, collection, key) => stub.deletePrivateData(collection, key),
    purgePrivate: (stub, collection, key) => stub.purgePrivateData(collection, key),
    rangePrivate: async (stub, collection, start, end) =>
        keysOf(await list((await stub.getPrivateDataByRange(collection, start, end)).iterator)),
    rangeThenPut: async (stub, start, end, key) => {
        const seen = await list(await stub.getStateByRange(start, end));
        await stub.putState(key, Buffer.from(String(seen.length)));
    },
    getPrivateThenPut: async (stub, collection, key, seenKey) => {
        await stub.putState(seenKey, Buffer.from(await stub.getPrivateData(collection, key)));
    },
    rangePrivateThenPut: async (stub, collection, start, end, key) => {
        await list((await stub.getPrivateDataByRange(collection, start, end)).iterator);
        await stub.putPrivateData(collection, key, Buffer.from('x'));
    },
    putThenRangePrivate: async (stub, collection, start, end, key) => {
        await stub.putPrivateData(collection, key, Buffer.from('x'));
        await list((await stub.getPrivateDataByRange(collection, start, end)).iterator);
    },
    call: async (stub, chaincode, ...args) => {
        const answer = await stub.invokeChaincode(chaincode, args, '');
        return `${answer.status} ${answer.message} ${Buffer.from(answer.payload).toString()}`;
    },
    event: async (stub, name, payload) => {
        await stub.putState(`event-${name}`, Buffer.from(payload));
        stub.setEvent(name, Buffer.from(payload));
    },
    process: (stub) => stub.putState('process', Buffer.from(`${process.pid} ${process.hrtime.bigint()}`)),
    creator: (stub) => stub.getCreator().mspid,
    sleep: (stub, milliseconds) => new Promise((resolve) => setTimeout(resolve, Number(milliseconds))),
    fail: (stub, message) => {
        throw new Error(message);
    },
    refuse: (stub, status, message) => ({ status: Number(status), message, payload: Buffer.from('') }),
    policyName: () => POLICY,
};

class KvChaincode {
    Init() {
        return Promise.resolve(shim.success());
    }

    async Invoke(stub) {
        const { fcn, params } = stub.getFunctionAndParameters();
        const run = FUNCTIONS[fcn];
        if (!run) return shim.error(`no function ${fcn}`);
        try {
            const result = await run(stub, ...params);
            if (result && typeof result === 'object' && 'status' in result) return result;
            return shim.success(result === undefined ? Buffer.alloc(0) : Buffer.from(result));
        } catch (error) {
            return shim.error(error.message);
        }
    }
}

const [ccid, address, key, cert, clientCa] = process.argv.slice(2);

shim.server(new KvChaincode(), {
    ccid,
    address,
    tlsProps: { key: readFileSync(key), cert: readFileSync(cert), clientCACerts: readFileSync(clientCa) },
    'grpc.max_receive_message_length': 100 * 1024 * 1024,
    'grpc.max_send_message_length': 100 * 1024 * 1024,
})
    .start()
    .then(() => process.stdout.write('ready\n'));
