import { codeDigest as digestOfService } from '@commonwatt/chaincode/service/approved-code';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateIdentities } from '../identities/generate';
import { layout as layoutOf, type Layout } from '../layout';
import { smallCommunity } from '../small-community';
import type { ChaincodeService } from '../topology';
import { chaincodePackage, codeDigest } from './package';

const chaincode: ChaincodeService = {
    name: 'market',
    version: '1',
    policyReference: '/Channel/Application/Market',
    directory: 'code',
    start: ['dist/start.js'],
    service: { host: '127.0.0.1', port: 21011 },
};
let home: string;
let layout: Layout;

beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'package-'));
    layout = layoutOf(home);
    await generateIdentities(smallCommunity(1, { portBase: 21000 }), layout);
    mkdirSync(join(home, 'code', 'dist'), { recursive: true });
    writeFileSync(join(home, 'code', 'package.json'), '{}');
    writeFileSync(join(home, 'code', 'dist', 'start.js'), 'one');
});

afterAll(() => {
    rmSync(home, { recursive: true });
});

describe('the package of a chaincode service', () => {
    test('is what tar and gzip read, with metadata and connection as Fabric names them', async () => {
        const { bytes, label, packageId } = await chaincodePackage(chaincode, layout, home);
        expect(packageId).toBe(`${label}:${createHash('sha256').update(bytes).digest('hex')}`);
        const directory = join(home, 'unpacked');
        mkdirSync(directory);
        execFileSync('tar', ['xzf', layout.packageFile(label), '-C', directory]);
        execFileSync('tar', ['xzf', join(directory, 'code.tar.gz'), '-C', directory]);
        expect(JSON.parse(readFileSync(join(directory, 'metadata.json'), 'utf8'))).toEqual({ type: 'ccaas', label });
        expect(JSON.parse(readFileSync(join(directory, 'connection.json'), 'utf8'))).toEqual({
            address: '{{.chaincode.market}}',
            dial_timeout: '10s',
            tls_required: true,
            client_auth_required: true,
            client_key: '{{.client_key}}',
            client_cert: '{{.client_cert}}',
            root_cert: '{{.root_cert}}',
        });
    });

    test('has the same bytes when it is made again', async () => {
        const kept = await chaincodePackage(chaincode, layout, home);
        rmSync(layout.packageFile(kept.label));
        const again = await chaincodePackage(chaincode, layout, home);
        expect(again.packageId).toBe(kept.packageId);
    });

    test('has another id for other code', async () => {
        const before = await chaincodePackage(chaincode, layout, home);
        writeFileSync(join(home, 'code', 'dist', 'start.js'), 'two');
        const after = await chaincodePackage(chaincode, layout, home);
        expect(after.label).not.toBe(before.label);
    });

    test('names the digest that the service computes of itself', async () => {
        const { label } = await chaincodePackage(chaincode, layout, home);
        const directory = join(home, 'code');
        expect(label).toBe(`market_1.${digestOfService(directory)}`);
        expect(codeDigest(directory)).toBe(digestOfService(directory));
    });
});
