import { msp } from '@hyperledger/fabric-protos';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from '../layout';
import type { Organisation } from '../topology';

/** What Fabric numbers its own kind of MSP with. */
const FABRIC_MSP = 0;

/** An organisation's MSP as the channel configuration carries it, read from its generated folder. */
export function mspConfigOf(organisation: Organisation, layout: Layout): msp.MSPConfig {
    const files = layout.organisation(organisation);
    const root = readFileSync(files.ca.certificate);
    const identifier = (role: string): msp.FabricOUIdentifier => {
        const identifier = new msp.FabricOUIdentifier();
        identifier.setCertificate(root);
        identifier.setOrganizationalUnitIdentifier(role);
        return identifier;
    };
    const nodeOus = new msp.FabricNodeOUs();
    nodeOus.setEnable(true);
    nodeOus.setClientOuIdentifier(identifier('client'));
    nodeOus.setPeerOuIdentifier(identifier('peer'));
    nodeOus.setAdminOuIdentifier(identifier('admin'));
    nodeOus.setOrdererOuIdentifier(identifier('orderer'));

    const crypto = new msp.FabricCryptoConfig();
    crypto.setSignatureHashFamily('SHA2');
    crypto.setIdentityIdentifierHashFunction('SHA256');

    const fabric = new msp.FabricMSPConfig();
    fabric.setName(organisation.mspId);
    fabric.setRootCertsList([root]);
    fabric.setTlsRootCertsList([readFileSync(files.tlsCa.certificate)]);
    fabric.setRevocationListList(revocationLists(files.msp));
    fabric.setFabricNodeOus(nodeOus);
    fabric.setCryptoConfig(crypto);

    const config = new msp.MSPConfig();
    config.setType(FABRIC_MSP);
    config.setConfig(fabric.serializeBinary());
    return config;
}

/** In an MSP folder they stand under `crls`; most have none. */
function revocationLists(msp: string): Buffer[] {
    const directory = join(msp, 'crls');
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
        .toSorted()
        .map((name) => readFileSync(join(directory, name)));
}
