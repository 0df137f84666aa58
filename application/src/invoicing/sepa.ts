import { decimal } from '../report/decimal';
import { isIban } from './iban';

/** Whom money goes to, or from. */
export interface Party {
    readonly name: string;
    readonly iban: string;
    readonly bic?: string | undefined;
}

export interface Transfer {
    /** Comes back on the account statement: the document's number. */
    readonly endToEndId: string;
    readonly creditor: Party;
    /** Hundredths of a euro. */
    readonly cents: bigint;
    readonly remittance: string;
}

export interface CreditTransfer {
    readonly messageId: string;
    /** `2025-05-01T10:00:00`, and the day on which it is to be paid. */
    readonly createdAt: string;
    readonly executionDay: string;
    readonly debtor: Party;
    readonly transfers: readonly Transfer[];
}

/** The order of payment breaks a rule of SEPA credit transfers. */
export class TransferInvalid extends Error {
    override readonly name = 'TransferInvalid';
}

const MOST_CENTS = 99_999_999_999n;
const MOST_NAME = 70;
const MOST_REMITTANCE = 140;

/**
 * A SEPA credit transfer as banks take it: ISO 20022 pain.001.001.09 as the EPC's customer-to-bank guidelines (EPC132-08) use it, one
 * batch in euro. Counts and control sums stand in the header and in the batch; texts are in SEPA's character set.
 *
 * @throws TransferInvalid where an IBAN's check digits, a BIC, an identifier or an amount is not what the rules allow.
 */
export function creditTransferXml(transfer: CreditTransfer): string {
    const { messageId, createdAt, executionDay, debtor, transfers } = transfer;
    checkTransfer(transfer);
    const sums = [
        element('NbOfTxs', String(transfers.length)),
        element('CtrlSum', euros(transfers.reduce((sum, { cents }) => sum + cents, 0n))),
    ];
    const header = element('GrpHdr', [
        element('MsgId', messageId),
        element('CreDtTm', createdAt),
        ...sums,
        element('InitgPty', element('Nm', nameOf(debtor))),
    ]);
    const batch = element('PmtInf', [
        element('PmtInfId', `${messageId}-1`.slice(-35)),
        element('PmtMtd', 'TRF'),
        ...sums,
        element('PmtTpInf', element('SvcLvl', element('Cd', 'SEPA'))),
        element('ReqdExctnDt', element('Dt', executionDay)),
        element('Dbtr', element('Nm', nameOf(debtor))),
        element('DbtrAcct', accountOf(debtor)),
        element('DbtrAgt', agentOf(debtor.bic)),
        element('ChrgBr', 'SLEV'),
        ...transfers.map(transferXml),
    ]);
    const namespace = 'urn:iso:std:iso:20022:tech:xsd:pain.001.001.09';
    return [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<Document xmlns="${namespace}">`,
        indented(element('CstmrCdtTrfInitn', [header, batch])),
        '</Document>',
        '',
    ].join('\n');
}

function transferXml({ endToEndId, creditor, cents, remittance }: Transfer): string {
    return element('CdtTrfTxInf', [
        element('PmtId', element('EndToEndId', endToEndId)),
        element('Amt', `<InstdAmt Ccy="EUR">${euros(cents)}</InstdAmt>`),
        ...(creditor.bic === undefined ? [] : [element('CdtrAgt', agentOf(creditor.bic))]),
        element('Cdtr', element('Nm', nameOf(creditor))),
        element('CdtrAcct', accountOf(creditor)),
        element('RmtInf', element('Ustrd', sepaText(remittance).slice(0, MOST_REMITTANCE))),
    ]);
}

function checkTransfer({ messageId, transfers, debtor }: CreditTransfer): void {
    if (transfers.length === 0) {
        throw new TransferInvalid('there is nothing to pay out');
    }
    checkId(messageId);
    checkParty(debtor);
    const ids = transfers.map(({ endToEndId }) => endToEndId);
    const twice = ids.find((id, i) => ids.indexOf(id) !== i);
    if (twice !== undefined) {
        throw new TransferInvalid(`${twice} would be paid twice`);
    }
    for (const { endToEndId, creditor, cents } of transfers) {
        checkId(endToEndId);
        checkParty(creditor);
        if (cents <= 0n || cents > MOST_CENTS) {
            throw new TransferInvalid(`${endToEndId}: ${euros(cents)} is not from 0.01 to 999999999.99 euro`);
        }
    }
}

/** Identifiers have 35 characters of the set, and no slash at either end or twice in a row. */
function checkId(id: string): void {
    if (!/^[A-Za-z0-9/\-?:().,'+ ]{1,35}$/.test(id) || /^\/|\/$|\/\//.test(id)) {
        throw new TransferInvalid(`'${id}' is no identifier of SEPA`);
    }
}

function checkParty({ name, iban, bic }: Party): void {
    if (!isIban(iban)) {
        throw new TransferInvalid(`the IBAN of ${name} is wrong: its check digits or its form`);
    }
    if (bic !== undefined && !/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bic)) {
        throw new TransferInvalid(`the BIC of ${name} is wrong`);
    }
    if (sepaText(name).trim() === '') {
        throw new TransferInvalid('a party has no name');
    }
}

const TRANSCRIPTIONS: Readonly<Record<string, string>> = {
    ä: 'ae',
    ö: 'oe',
    ü: 'ue',
    Ä: 'Ae',
    Ö: 'Oe',
    Ü: 'Ue',
    ß: 'ss',
    æ: 'ae',
    ø: 'o',
    å: 'a',
    '&': '+',
};

/** In the set that every bank must pass on: letters, digits and / - ? : ( ) . , ' + and blank. Accents go; what is left is a dot. */
export function sepaText(text: string): string {
    return text
        .replaceAll(/[äöüÄÖÜßæøå&]/g, (character) => TRANSCRIPTIONS[character] ?? '.')
        .normalize('NFD')
        .replaceAll(/\p{Mn}/gu, '')
        .replaceAll(/[^A-Za-z0-9/\-?:().,'+ ]/g, '.');
}

const nameOf = ({ name }: Party): string => sepaText(name).trim().slice(0, MOST_NAME);
const accountOf = ({ iban }: Party): string => element('Id', element('IBAN', iban));
const agentOf = (bic: string | undefined): string =>
    element('FinInstnId', bic === undefined ? element('Othr', element('Id', 'NOTPROVIDED')) : element('BICFI', bic));
const euros = (cents: bigint): string => decimal(cents, 2);

/** Texts are in SEPA's set, where only the apostrophe would need an entity, and it does not between tags. */
function element(name: string, content: string | readonly string[]): string {
    const inner = typeof content === 'string' ? content : content.join('\n');
    return inner.startsWith('<') ? `<${name}>\n${indented(inner)}\n</${name}>` : `<${name}>${inner}</${name}>`;
}

const indented = (text: string): string =>
    text
        .split('\n')
        .map((line) => `    ${line}`)
        .join('\n');
