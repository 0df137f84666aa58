import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as x509 from '@peculiar/x509';
import { createHash, createPrivateKey, createPublicKey, verify, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { Msp } from '../../../fabric/msp';
import { serializeIdentity } from '../../../fabric/signing';
import { generateIdentities } from '../../identities/generate';
import { mspConfigOf } from '../../identities/msp-config';
import { layout as layoutOf } from '../../layout';
import { withNetwork } from '../../network-kind';
import { smallCommunity } from '../../small-community';
import { organisation } from '../../topology';
import { authoritySecret, authorityTls, publishedAuthority } from '../compose-file';
import { writeComposeFiles } from '../files';
import { enrolAgent } from './enrol';

const folder = mkdtempSync(join(tmpdir(), 'enrol-'));
const layout = layoutOf(join(folder, 'home'));
const code = join(folder, 'code');
const chaincodes = [
    {
        name: 'market',
        version: '1',
        policyReference: '/Channel/Application/Market',
        directory: code,
        start: ['start.js'],
    },
];
const topology = withNetwork(smallCommunity(1, { portBase: 28_500, chaincodes }), { kind: 'docker' });
const home = organisation(topology, 'H1');
const files = layout.organisation(home);

/** Answers as Fabric's certificate authority does: Basic for enrolments, a registrar's token for registrations. */
class FakeAuthority {
    readonly secrets = new Map<string, string>();
    readonly registered: unknown[] = [];
    /** In the place of the organisation's own key. */
    foreignKey: string | undefined;
    private server: Server | undefined;

    async listen(): Promise<void> {
        const tls = authorityTls(home, layout);
        const boot = /=(.+):(.+)\n/.exec(readFileSync(authoritySecret(home, layout), 'utf8')) ?? [];
        this.secrets.set(boot[1] ?? '', boot[2] ?? '');
        const server = createServer(
            { cert: readFileSync(tls.certificate), key: readFileSync(tls.key) },
            (request, response) => {
                void this.answer(request).then((body) => {
                    response.end(JSON.stringify(body));
                });
            },
        );
        this.server = server;
        const { host, port } = publishedAuthority(home);
        await new Promise<void>((resolve) => server.listen(port, host, resolve));
    }

    close(): void {
        this.server?.close();
        this.server?.closeAllConnections();
    }

    private async answer(request: IncomingMessage): Promise<unknown> {
        let body = '';
        for await (const chunk of request) body += String(chunk);
        const { authorization = '' } = request.headers;
        const isAllowed =
            request.url === '/api/v1/enroll' ? this.knows(authorization) : isRegistrar(authorization, body);
        if (!isAllowed) {
            return { success: false, result: '', errors: [{ code: 20, message: 'Authentication failure' }] };
        }
        return {
            success: true,
            result: request.url === '/api/v1/enroll' ? await this.enrol(body) : this.register(body),
        };
    }

    private knows(authorization: string): boolean {
        const [id = '', secret] = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':');
        return secret !== undefined && this.secrets.get(id) === secret;
    }

    private register(body: string): unknown {
        const asked = z.object({ id: z.string(), type: z.string(), caname: z.string() }).parse(JSON.parse(body));
        this.registered.push(asked);
        this.secrets.set(asked.id, `secret of ${asked.id}`);
        return { secret: `secret of ${asked.id}` };
    }

    private async enrol(body: string): Promise<unknown> {
        const { certificate_request } = z.object({ certificate_request: z.string() }).parse(JSON.parse(body));
        const csr = new x509.Pkcs10CertificateRequest(certificate_request);
        expect(await csr.verify()).toBe(true);
        const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
        const key = createPrivateKey(this.foreignKey ?? readFileSync(files.ca.key)).export({
            type: 'pkcs8',
            format: 'der',
        });
        const root = new x509.X509Certificate(readFileSync(files.ca.certificate, 'utf8'));
        const now = Date.now();
        const made = await x509.X509CertificateGenerator.create({
            serialNumber: createHash('sha256').update(body).digest('hex').slice(0, 20).replace(/^./, '1'),
            subject: `CN=${csr.subjectName.getField('CN')[0] ?? ''}, OU=client`,
            issuer: root.subject,
            notBefore: new Date(now - 60_000),
            notAfter: new Date(now + 3_600_000),
            publicKey: csr.publicKey,
            signingAlgorithm: algorithm,
            signingKey: await crypto.subtle.importKey('pkcs8', key, algorithm, false, ['sign']),
            extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true)],
        });
        return { Cert: Buffer.from(made.toString('pem')).toString('base64') };
    }
}

/** Certificate and signature over method, path, body and certificate. */
function isRegistrar(token: string, body: string): boolean {
    const [certificate = '', signature = ''] = token.split('.');
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const signed = ['POST', base64('/api/v1/register'), base64(body), certificate].join('.');
    const { publicKey } = new X509Certificate(Buffer.from(certificate, 'base64'));
    return verify('sha256', Buffer.from(signed), publicKey, Buffer.from(signature, 'base64'));
}

const authority = new FakeAuthority();

beforeAll(async () => {
    mkdirSync(join(code, 'dist'), { recursive: true });
    writeFileSync(join(code, 'package.json'), '{}');
    await generateIdentities(topology, layout);
    await writeComposeFiles(topology, layout);
    await authority.listen();
});

afterAll(() => {
    authority.close();
    rmSync(folder, { recursive: true, force: true });
});

describe('the enrolment of an agent', () => {
    test("gets a certificate over the agent's own key, which the channel takes for a client of its organisation", async () => {
        const [key, before] = [readFileSync(files.agent.key, 'utf8'), readFileSync(files.agent.certificate, 'utf8')];
        const { id } = await enrolAgent(topology, layout, 'H1');
        expect(id).toMatch(/^Agent-[0-9a-f]{8}@h1\.small\.example$/);
        expect(authority.registered).toEqual([
            expect.objectContaining({ id, type: 'client', caname: 'ca.h1.small.example' }),
        ]);
        expect(readFileSync(files.agent.key, 'utf8')).toBe(key);
        const certificate = readFileSync(files.agent.certificate, 'utf8');
        expect(certificate).not.toBe(before);
        expect(new X509Certificate(certificate).publicKey.equals(createPublicKey(key))).toBe(true);
        const msp = new Msp(mspConfigOf(home, layout));
        expect(msp.identity(serializeIdentity('H1MSP', certificate)).role).toBe('client');
    });

    test('may be done again, under another name', async () => {
        const [one, other] = [await enrolAgent(topology, layout, 'H1'), await enrolAgent(topology, layout, 'H1')];
        expect(one.id).not.toBe(other.id);
    });

    test('takes no certificate of another root', async () => {
        const before = readFileSync(files.agent.certificate, 'utf8');
        authority.foreignKey = readFileSync(layout.organisation(organisation(topology, 'DSO')).ca.key, 'utf8');
        await expect(enrolAgent(topology, layout, 'H1')).rejects.toThrow(/is not a certificate of H1's root/);
        authority.foreignKey = undefined;
        expect(readFileSync(files.agent.certificate, 'utf8')).toBe(before);
    });

    test('is refused, in its words, by an authority with another administrator', async () => {
        authority.secrets.set('admin', 'another');
        await expect(enrolAgent(topology, layout, 'H1')).rejects.toThrow(
            'ca.h1.small.example refuses /api/v1/enroll: Authentication failure (20)',
        );
    });

    test('says which authority does not answer, and that other networks have none', async () => {
        await expect(enrolAgent(topology, layout, 'DSO')).rejects.toThrow(
            /ca\.dso\.small\.example \(.*\) does not answer/,
        );
        await expect(enrolAgent(topology, layoutOf(folder), 'H1')).rejects.toThrow();
    });
});
