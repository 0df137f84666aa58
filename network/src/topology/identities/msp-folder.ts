import { join } from 'node:path';
import type { IdentityFiles } from '../layout';
import type { Credential } from './authority';
import { writePublic, writeSecret } from './files';

/** The roots that every MSP folder of an organisation repeats. */
export interface OrganisationRoots {
    readonly domain: string;
    readonly caPem: string;
    readonly tlsCaPem: string;
}

/** An MSP folder that verifies: roots and node OUs, as a channel's configuration is made from. */
export function writeVerifyingMsp(msp: string, { domain, caPem, tlsCaPem }: OrganisationRoots): void {
    writePublic(join(msp, 'cacerts', `ca.${domain}-cert.pem`), caPem);
    writePublic(join(msp, 'tlscacerts', `tlsca.${domain}-cert.pem`), tlsCaPem);
    writePublic(join(msp, 'config.yaml'), nodeOus(`cacerts/ca.${domain}-cert.pem`));
}

/** An MSP folder that signs, for a node or a member. */
export function writeSigningMsp(files: IdentityFiles, roots: OrganisationRoots, identity: Credential): void {
    writeVerifyingMsp(files.msp, roots);
    writePublic(files.certificate, identity.certificatePem);
    writeSecret(files.key, identity.privateKeyPem);
}

/** Roles come from the certificate's organisational unit, so no list of administrators has to be kept. */
function nodeOus(certificate: string): string {
    const identifiers = (['Client', 'Peer', 'Admin', 'Orderer'] as const).map(
        (role) =>
            `  ${role}OUIdentifier:\n    Certificate: ${certificate}\n    OrganizationalUnitIdentifier: ${role.toLowerCase()}\n`,
    );
    return `NodeOUs:\n  Enable: true\n${identifiers.join('')}`;
}
