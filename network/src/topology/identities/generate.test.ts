import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { msp } from '@hyperledger/fabric-protos';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { layout as layoutOf, type Layout } from '../layout';
import { smallCommunity } from '../small-community';
import { gridOperator, organisation, seats } from '../topology';
import { generateIdentities } from './generate';
import { mspConfigOf } from './msp-config';

const topology = smallCommunity(5, { portBase: 21000 });
const h1 = organisation(topology, 'H1');
const h5 = organisation(topology, 'H5');
let home: string;
let layout: Layout;

beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'identities-'));
    layout = layoutOf(home);
    await generateIdentities(topology, layout);
});

afterAll(() => {
    rmSync(home, { recursive: true });
});

const certificate = (file: string): X509Certificate => new X509Certificate(readFileSync(file));

describe('generated identities', () => {
    test('every organisation has peer, admin and agent under its own root, with the role as unit', () => {
        for (const each of topology.organisations) {
            const files = layout.organisation(each);
            const root = certificate(files.ca.certificate);
            for (const [identity, unit] of [
                [files.peer, 'peer'],
                [files.admin, 'admin'],
                [files.agent, 'client'],
            ] as const) {
                const own = certificate(identity.certificate);
                expect(own.verify(root.publicKey)).toBe(true);
                expect(own.subject).toContain(`OU=${unit}\n`);
                expect(own.checkPrivateKey(createPrivateKey(readFileSync(identity.key)))).toBe(true);
            }
        }
    });

    test('seats, and nobody else, have an orderer', () => {
        expect(seats(topology).map(({ id }) => id)).toEqual(['H1', 'H2', 'H3', 'H4']);
        expect(certificate(layout.organisation(h1).orderer.certificate).subject).toContain('OU=orderer\n');
        expect(existsSync(layout.organisation(h5).orderer.msp)).toBe(false);
    });

    test('TLS certificates name the node and this machine, under the TLS root', () => {
        const { tls } = layout.organisation(h1).peer;
        const own = certificate(tls.certificate);
        expect(own.verify(certificate(tls.roots).publicKey)).toBe(true);
        expect(own.checkHost('peer0.h1.small.example')).toBe('peer0.h1.small.example');
        expect(own.checkHost('localhost')).toBe('localhost');
        expect(own.checkIP('127.0.0.1')).toBe('127.0.0.1');
    });

    test("meters are certified by the grid operator's device authority, which no MSP knows", () => {
        const device = certificate(layout.organisation(gridOperator(topology)).deviceCa.certificate);
        const meter = certificate(layout.organisation(h1).meter.certificate);
        expect(meter.verify(device.publicKey)).toBe(true);
        const { msp: operatorMsp } = layout.organisation(gridOperator(topology));
        expect(readFileSync(join(operatorMsp, 'config.yaml'), 'utf8')).not.toContain('deviceca');
        expect(existsSync(layout.organisation(h1).deviceCa.certificate)).toBe(false);
    });

    test('private keys and salts can be read by their owner alone', () => {
        const files = layout.organisation(h1);
        for (const secret of [files.ca.key, files.peer.key, files.peer.tls.key, files.agent.key, files.meter.key]) {
            expect(statSync(secret).mode & 0o777).toBe(0o600);
        }
        expect(statSync(files.saltKey).mode & 0o777).toBe(0o600);
        expect(readFileSync(files.saltKey)).toHaveLength(32);
        expect(statSync(layout.chaincodeTls.clientKey).mode & 0o777).toBe(0o600);
    });

    test('a second run changes nothing, and makes what is missing', async () => {
        const before = readFileSync(layout.organisation(h1).peer.certificate, 'utf8');
        rmSync(layout.organisation(h5).directory, { recursive: true });
        await generateIdentities(topology, layout);
        expect(readFileSync(layout.organisation(h1).peer.certificate, 'utf8')).toBe(before);
        const device = certificate(layout.organisation(gridOperator(topology)).deviceCa.certificate);
        expect(certificate(layout.organisation(h5).meter.certificate).verify(device.publicKey)).toBe(true);
    });

    test('the MSP configuration carries the roots and the node units', () => {
        const config = mspConfigOf(h1, layout);
        expect(config.getType()).toBe(0);
        const fabric = msp.FabricMSPConfig.deserializeBinary(config.getConfig_asU8());
        expect(fabric.getName()).toBe('H1MSP');
        expect(fabric.getRootCertsList_asU8()).toHaveLength(1);
        expect(fabric.getTlsRootCertsList_asU8()).toHaveLength(1);
        expect(fabric.getFabricNodeOus()?.getPeerOuIdentifier()?.getOrganizationalUnitIdentifier()).toBe('peer');
    });
});
