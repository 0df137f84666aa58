import { describe, expect, it } from '@jest/globals';
import { isIban } from './iban';
import { creditTransferXml, sepaText, type CreditTransfer } from './sepa';

/** Examples of the IBAN registry (SWIFT), and the same with a digit changed. */
it.each([
    { iban: 'DE89370400440532013000', is: true },
    { iban: 'GB29NWBK60161331926819', is: true },
    { iban: 'IT60X0542811101000000123456', is: true },
    { iban: 'NO9386011117947', is: true },
    { iban: 'DE89370400440532013001', is: false },
    { iban: 'DE98370400440532013000', is: false },
    { iban: 'de89370400440532013000', is: false },
    { iban: 'DE89 3704 0044 0532 0130 00', is: false },
    { iban: 'DE89', is: false },
])('$iban is an IBAN: $is', ({ iban, is }) => {
    expect(isIban(iban)).toBe(is);
});

it.each([
    { text: 'Jürgen Weiß & Söhne', is: 'Juergen Weiss + Soehne' },
    { text: 'Zoë Çelik', is: 'Zoe Celik' },
    { text: 'a<b>"c"\n;', is: 'a.b..c...' },
    { text: "O'Neill (2) /-?:.,+", is: "O'Neill (2) /-?:.,+" },
])('$text is written $is', ({ text, is }) => {
    expect(sepaText(text)).toBe(is);
});

const TRANSFER: CreditTransfer = {
    messageId: 'payout-2025-05-01',
    createdAt: '2025-05-01T10:00:00',
    executionDay: '2025-05-02',
    debtor: { name: 'Energiegemeinschaft Sonnenhang', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
    transfers: [
        {
            endToEndId: 'INV-7',
            creditor: { name: 'Zoë Weiß', iban: 'NO9386011117947' },
            cents: 362n,
            remittance: 'Document 7, 2025-04-01 to 2025-04-30',
        },
        {
            endToEndId: 'INV-9',
            creditor: { name: 'H19', iban: 'IT60X0542811101000000123456', bic: 'BCITITMM' },
            cents: 46_805n,
            remittance: 'Document 9',
        },
    ],
};

describe('a credit transfer', () => {
    it('has counts, control sums, names in the set and amounts', () => {
        expect(creditTransferXml(TRANSFER)).toMatchInlineSnapshot(`
            "<?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">
                <CstmrCdtTrfInitn>
                    <GrpHdr>
                        <MsgId>payout-2025-05-01</MsgId>
                        <CreDtTm>2025-05-01T10:00:00</CreDtTm>
                        <NbOfTxs>2</NbOfTxs>
                        <CtrlSum>471.67</CtrlSum>
                        <InitgPty>
                            <Nm>Energiegemeinschaft Sonnenhang</Nm>
                        </InitgPty>
                    </GrpHdr>
                    <PmtInf>
                        <PmtInfId>payout-2025-05-01-1</PmtInfId>
                        <PmtMtd>TRF</PmtMtd>
                        <NbOfTxs>2</NbOfTxs>
                        <CtrlSum>471.67</CtrlSum>
                        <PmtTpInf>
                            <SvcLvl>
                                <Cd>SEPA</Cd>
                            </SvcLvl>
                        </PmtTpInf>
                        <ReqdExctnDt>
                            <Dt>2025-05-02</Dt>
                        </ReqdExctnDt>
                        <Dbtr>
                            <Nm>Energiegemeinschaft Sonnenhang</Nm>
                        </Dbtr>
                        <DbtrAcct>
                            <Id>
                                <IBAN>DE89370400440532013000</IBAN>
                            </Id>
                        </DbtrAcct>
                        <DbtrAgt>
                            <FinInstnId>
                                <BICFI>COBADEFFXXX</BICFI>
                            </FinInstnId>
                        </DbtrAgt>
                        <ChrgBr>SLEV</ChrgBr>
                        <CdtTrfTxInf>
                            <PmtId>
                                <EndToEndId>INV-7</EndToEndId>
                            </PmtId>
                            <Amt>
                                <InstdAmt Ccy="EUR">3.62</InstdAmt>
                            </Amt>
                            <Cdtr>
                                <Nm>Zoe Weiss</Nm>
                            </Cdtr>
                            <CdtrAcct>
                                <Id>
                                    <IBAN>NO9386011117947</IBAN>
                                </Id>
                            </CdtrAcct>
                            <RmtInf>
                                <Ustrd>Document 7, 2025-04-01 to 2025-04-30</Ustrd>
                            </RmtInf>
                        </CdtTrfTxInf>
                        <CdtTrfTxInf>
                            <PmtId>
                                <EndToEndId>INV-9</EndToEndId>
                            </PmtId>
                            <Amt>
                                <InstdAmt Ccy="EUR">468.05</InstdAmt>
                            </Amt>
                            <CdtrAgt>
                                <FinInstnId>
                                    <BICFI>BCITITMM</BICFI>
                                </FinInstnId>
                            </CdtrAgt>
                            <Cdtr>
                                <Nm>H19</Nm>
                            </Cdtr>
                            <CdtrAcct>
                                <Id>
                                    <IBAN>IT60X0542811101000000123456</IBAN>
                                </Id>
                            </CdtrAcct>
                            <RmtInf>
                                <Ustrd>Document 9</Ustrd>
                            </RmtInf>
                        </CdtTrfTxInf>
                    </PmtInf>
                </CstmrCdtTrfInitn>
            </Document>
            "
        `);
    });

    const [first, second] = TRANSFER.transfers;
    const changed = (change: object) => ({
        transfers: [{ ...first, ...change }, second] as CreditTransfer['transfers'],
    });
    it.each<{ what: string; change: Partial<CreditTransfer>; says: RegExp }>([
        { what: 'nothing to pay', change: { transfers: [] }, says: /nothing to pay out/ },
        { what: 'a bad message id', change: { messageId: 'a//b' }, says: /no identifier/ },
        { what: 'too long an id', change: changed({ endToEndId: 'x'.repeat(36) }), says: /no identifier/ },
        { what: 'an id twice', change: changed({ endToEndId: 'INV-9' }), says: /INV-9 would be paid twice/ },
        {
            what: 'a wrong IBAN',
            change: changed({ creditor: { name: 'Z', iban: 'NO9386011117948' } }),
            says: /check digits/,
        },
        {
            what: 'a wrong BIC',
            change: changed({ creditor: { name: 'Z', iban: 'NO9386011117947', bic: 'X' } }),
            says: /BIC of Z/,
        },
        { what: 'no name', change: changed({ creditor: { name: ' ', iban: 'NO9386011117947' } }), says: /no name/ },
        { what: 'no amount', change: changed({ cents: 0n }), says: /not from 0\.01/ },
        { what: 'too much', change: changed({ cents: 100_000_000_000n }), says: /not from 0\.01/ },
    ])('is not made of $what', ({ change, says }) => {
        expect(() => creditTransferXml({ ...TRANSFER, ...change })).toThrow(says);
    });
});
