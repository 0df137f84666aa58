import * as record from '@commonwatt/chaincode/api/records';
import { assertNames, flag, type Projection } from './projection';

/** That a bill is there, under which hash: what it says its household and the grid operator know. */
export const bill: Projection = (parts, found, changes, place) => {
    const [msp_id = '', from_day = '', to_day = ''] = parts;
    if (found === undefined) {
        changes.remove('bills', { msp_id, from_day, to_day });
        return;
    }
    const said = record.billMarker.parse(found);
    assertNames(parts, said.mspId, said.from, said.to);
    changes.put('bills', {
        msp_id,
        from_day,
        to_day,
        version: said.version,
        hash: said.hash,
        provisional: flag(said.provisional),
        signed_by: said.signedBy,
        ...place,
    });
};

export const payment: Projection = (parts, found, changes) => {
    const [msp_id = '', from_day = '', to_day = '', id = ''] = parts;
    if (found === undefined) {
        changes.remove('payments', { msp_id, from_day, to_day, id });
        return;
    }
    const said = record.payment.parse(found);
    assertNames(parts, said.mspId, said.from, said.to, said.id);
    changes.put('payments', { msp_id, from_day, to_day, id, status: said.status });
};

export const document: Projection = (parts, found, changes) => {
    const [msp_id = '', from_day = '', to_day = '', id = ''] = parts;
    if (found === undefined) {
        changes.remove('documents', { msp_id, from_day, to_day, id });
        return;
    }
    const said = record.documentRecord.parse(found);
    assertNames(parts, said.mspId, said.from, said.to, said.id);
    changes.put('documents', {
        msp_id,
        from_day,
        to_day,
        id,
        number: said.number,
        due_day: said.dueDay,
        paid_on: said.paid?.day ?? null,
    });
};
