import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineIdentity, newEngineKeys } from './keys';
import { genesisJson, writeEngineFiles } from './files';
import { engineSockets } from './sockets';

describe('files of an engine', () => {
    let directory: string;
    beforeEach(() => {
        directory = mkdtempSync(join(tmpdir(), 'commonwatt-files-'));
    });
    afterEach(() => {
        rmSync(directory, { recursive: true, force: true });
    });

    const write = (batchTimeoutMs = 500): void => {
        writeEngineFiles({
            directory,
            keys: { validator: '/keys/validator.json', node: '/keys/node.json' },
            listen: { host: '127.0.0.1', port: 1 },
            peers: [{ nodeId: 'aa', host: '127.0.0.1', port: 2 }],
            genesis: { chainId: 'energy', time: new Date(0), seats: [] },
            batchTimeoutMs,
        });
    };
    const config = (): string => readFileSync(join(directory, 'config', 'config.toml'), 'utf8');

    test('expose nothing but the port for the other engines', () => {
        write();
        const addresses = config().match(/"(tcp|unix):\/\/[^"]*"/g) ?? [];
        expect(addresses.map((each) => each.split('://')[0])).toEqual(['"unix', '"unix', '"tcp']);
        expect(config()).toContain('laddr = "tcp://127.0.0.1:1"');
        expect(config()).toContain('persistent_peers = "aa@127.0.0.1:2"');
        expect(config()).toMatch(/pex = false/);
        expect(config()).toMatch(/filter_peers = true/);
    });

    test('are for their owner alone', () => {
        write();
        const files = ['config/config.toml', 'config/genesis.json', 'data/priv_validator_state.json'];
        expect(files.map((file) => statSync(join(directory, file)).mode & 0o777)).toEqual([0o600, 0o600, 0o600]);
        expect(statSync(engineSockets(directory).directory).mode & 0o777).toBe(0o700);
    });

    test('wait for a batch no longer than the channel says, and never longer than 100 ms', () => {
        write(30);
        expect(config()).toContain('timeout_commit = "30ms"');
        write(2_000);
        expect(config()).toContain('timeout_commit = "100ms"');
    });

    test('what the engine remembers of its votes is never begun again', () => {
        write();
        const state = join(directory, 'data', 'priv_validator_state.json');
        writeFileSync(state, 'votes');
        write();
        expect(readFileSync(state, 'utf8')).toBe('votes');
        rmSync(state);
        write();
        expect(existsSync(state)).toBe(false);
        expect(readdirSync(directory).toSorted()).toEqual(['config', 'data', 'run']);
    });

    test('a genesis has the same bytes wherever it is written', () => {
        const seats = [{ id: 'H1MSP', publicKey: new Uint8Array(32).fill(1), power: 32n }];
        const genesis = { chainId: 'energy', time: new Date(1_700_000_000_000), seats };
        expect(genesisJson(genesis)).toBe(genesisJson({ ...genesis, seats: [...seats] }));
        expect(JSON.parse(genesisJson(genesis))).toMatchObject({
            genesis_time: '2023-11-14T22:13:20.000Z',
            validators: [{ address: '72CD6E8422C407FB6D098690F1130B7DED7EC2F7', power: '32', name: 'H1MSP' }],
        });
    });

    test.each([
        { what: 'a long path', path: join('/home', 'x'.repeat(100)), isInside: false },
        { what: 'a comma, at which the engine takes addresses apart', path: '/home/a,b', isInside: false },
        { what: 'a short path', path: '/home/ab', isInside: true },
    ])('sockets with $what lie in the home: $isInside', ({ path, isInside }) => {
        const { directory: folder, rpc } = engineSockets(path);
        expect(folder.startsWith(path)).toBe(isInside);
        expect(rpc.length).toBeLessThan(107);
        expect(engineSockets(path)).toEqual(engineSockets(path));
    });
});

describe('keys of an engine', () => {
    test('come as the two files that it reads, and say who it is', () => {
        const keys = newEngineKeys();
        const validator = JSON.parse(keys.validator) as { address: string; pub_key: { value: string } };
        const { publicKey, nodeId } = engineIdentity(keys);
        expect(Buffer.from(publicKey).toString('base64')).toBe(validator.pub_key.value);
        expect(nodeId).toMatch(/^[0-9a-f]{40}$/);
        expect(newEngineKeys()).not.toEqual(keys);
    });

    test('are refused when their halves do not belong together', () => {
        const one = newEngineKeys();
        const value = (text: string): Buffer =>
            Buffer.from((JSON.parse(text) as { priv_key: { value: string } }).priv_key.value, 'base64');
        const mixed = Buffer.concat([value(one.node).subarray(0, 32), value(one.validator).subarray(32)]);
        const validator = one.validator.replace(value(one.validator).toString('base64'), mixed.toString('base64'));
        expect(() => engineIdentity({ ...one, validator })).toThrow('do not belong together');
    });
});
