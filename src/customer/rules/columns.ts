// Columns outside documents that can contain text: their personal data, or the kind of text that contains none.

import type { NotPersonal, PersonalData } from '../../values/document';

const NOT_OF_CUSTOMERS = { not: 'it does not concern a customer' };

/** Of a customer's identifiers and interactions. An erasure of one order leaves them, unless `kept` states otherwise. */
function ofCustomer(purpose: string, differing: Partial<PersonalData> = {}): PersonalData {
  return {
    purpose,
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'CUSTOMER',
    exported: { onlyBy: 'exportCustomer' },
    erased: { kept: 'until eraseCustomer erases the whole customer' },
    ...differing,
  };
}

/** Of a hash that finds nobody without SECRET_KEY and the value that it was made of. */
const HASHED = { not: 'a keyed hash, by which no customer can be found' };

/** What an interaction states about the person. */
const PERSON_COLUMNS = [
  ...['full_name', 'first_name', 'surname', 'birth_date', 'birth_place', 'street', 'postal_code', 'city'],
  ...['country', 'gender', 'occupation', 'language'],
];

/** Columns with personal data, by table and column. */
export const PERSONAL_COLUMNS: Readonly<Record<string, PersonalData>> = {
  'identifier.value': ofCustomer('to recognise the customer, and to reach the person'),
  'identifier.hash': ofCustomer('to recognise the customer again', {
    exported: { not: 'it is made of `identifier.value`, which is exported' },
  }),
  'suppressed_identifier.hash': {
    purpose: 'so that an import does not bring an erased customer back',
    legalBasis: 'LEGAL_OBLIGATION',
    retention: 'SUPPRESSION',
    exported: { not: 'a keyed hash of an erased customer, by which nobody can be found' },
    erased: { kept: 'for good: it is written by the erasure of a whole customer' },
  },
  ...Object.fromEntries(
    PERSON_COLUMNS.map((column) => [
      `person_record.${column}`,
      ofCustomer('to name and serve the customer, and to find records of the same person', {
        erased: { kept: 'until eraseCustomer erases its order or the whole customer' },
      }),
    ]),
  ),
  'identity_link.reason': ofCustomer('why a person joined or split customers'),
  'consent.proof': ofCustomer('to prove what the customer consented to', { legalBasis: 'LEGAL_OBLIGATION' }),
  'customer_export_part.content': ofCustomer('to give the customer a copy of the data', {
    legalBasis: 'LEGAL_OBLIGATION',
    retention: 'EXPORT',
    exported: { not: 'it is an export itself' },
  }),
  'actor.name': {
    purpose: 'who made a change: a member of staff, or a program',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'CHANGES',
    exported: NOT_OF_CUSTOMERS,
    erased: { kept: 'until an administrator renames the actor with updateActor' },
  },
  'service_agent.code': {
    purpose: 'who serves customers, as a help desk names the person',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'CONTACTS',
    exported: NOT_OF_CUSTOMERS,
    erased: { kept: 'as long as contacts with the agent are on record' },
  },
  'service_agent.name': {
    purpose: 'who serves customers',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'CONTACTS',
    exported: NOT_OF_CUSTOMERS,
    erased: { kept: 'as long as contacts with the agent are on record' },
  },
  'import_reject.raw': {
    purpose: 'to correct a rejected line of a sales file; columns that name people are left empty',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'REJECTS',
    exported: { not: 'no customer can be found in it' },
    erased: { kept: 'until pruneImports deletes it, at most IMPORT_REJECT_DAYS after its run' },
  },
  'import_stage.customer': {
    purpose: 'a keyed hash of the customer that a feed names, while its file is read',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'FILE',
    exported: HASHED,
    erased: { kept: 'until the file is read' },
  },
  'sales_line.customer': {
    purpose: 'a keyed hash of the customer that a feed names, to find the sale of a return',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'SALES',
    exported: HASHED,
    erased: {
      kept: 'as long as the history of sales: without SECRET_KEY and the feed’s own id nobody can know whose it is',
    },
  },
  'sales_customer_change.customer': {
    purpose: 'the same, until the receipts of the customer are recorded',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'UNRECORDED',
    exported: HASHED,
    erased: { kept: 'until its receipts are read; those of an erased customer are not recorded' },
  },
  'sales_unmatched.customer': {
    purpose: 'the same, of a return whose sale was not found yet',
    legalBasis: 'LEGITIMATE_INTEREST',
    retention: 'UNMATCHED',
    exported: HASHED,
    erased: { kept: 'until the sale is found' },
  },
};

/** Columns that contain no personal data, by kind: a table and its columns. */
export const OTHER_COLUMNS: Readonly<Record<NotPersonal, readonly string[]>> = {
  code: [
    'actor channels',
    'calendar_event code name country category',
    'consent text_version',
    'contact source external_id topic language link promise',
    'count_stage bin',
    'daily_sales channel',
    'forecast_score_night category',
    'identifier scope shared_reason',
    'import_run file_name',
    'import_stage document item channel',
    'interaction source source_key channel',
    'interaction_source name position_key',
    'device name',
    'level_forecast category',
    'level_score category',
    'location code name street postal_code city country time_zone groups search',
    'order_line currency',
    'replenishment_budget currency',
    'replenishment_policy category location_group',
    'replenishment_proposal currency',
    'return_event document item channel',
    'safety_stock channel',
    'sales_feed name last_file_name',
    'sales_line document item channel',
    'service_agent skills languages channels',
    'service_case number topic',
    'sku code gtin name category attributes currency pick_position search',
    'sku_alias code',
    'sku_gtin gtin',
    'sku_supplier currency',
    'spent_allowance holder',
    'supplier code name',
    'suppressed_identifier scope',
    'person_record source',
    'till_receipt number',
    'till_receipt_line receipt',
    'webhook_endpoint url topics',
    'erasure_acknowledgement host',
  ],
  kind: [
    'calendar_event kind',
    'command action',
    'customer_lookup field',
    'customer_export_part file',
    'demand_forecast method',
    'import_reject code',
    'import_run kind status',
    'level_forecast method',
    'sales_feed form',
    'spent_allowance allowance',
  ],
  facts: [
    'command outcome',
    'demand_forecast why trials',
    'forecast_draft shelves cells',
    'forecast_part failures',
    'identity_link evidence',
    'interaction facts',
    'link_proposal evidence',
    'forecast_run learnt',
    'access_token page_origins',
    'location weekly_hours hours_exceptions pickup_cut_off label_rules',
    'supplier order_cut_off',
    'outbox topic payload',
    'replenishment_proposal explanation',
    'returns_night sums',
    'returns_run learnt',
  ],
  hash: [
    'access_token token_hash hint',
    'command request_hash',
    'import_run file_hash',
    'ledger_detached seal_hash carried_hash',
    'ledger_seal hash',
    'sales_feed last_file_hash',
    'session secret_hash',
    'device code_hash secret_hash',
    'pin hash',
    'single_sign_on identity_hash',
  ],
  system: [
    '_prisma_migrations id checksum migration_name logs',
    'command key',
    'edition what',
    'forecast_run level_error',
    'import_reject reason',
    'import_run options figures error',
    'job_run job runner figures error',
    'job_partition job stage task worker result error',
    'job_worker id runner',
    'ledger_detached name',
    'webhook_delivery last_error',
  ],
  goodsNote: [
    'forecast_alert note',
    'replenishment_proposal edit_reason close_reason',
    'stock_count reason',
    'stock_move note',
  ],
};
