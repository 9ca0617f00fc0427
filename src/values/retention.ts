// Why personal data may be kept, and how long: the legal bases and rules of retention that the registry of personal data names.

/** The legal bases of Article 6(1) of the General Data Protection Regulation that are used here. */
export const LEGAL_BASES = {
  CONTRACT: 'contract, Art. 6(1)(b)',
  LEGAL_OBLIGATION: 'legal obligation, Art. 6(1)(c)',
  LEGITIMATE_INTEREST: 'legitimate interest, Art. 6(1)(f)',
} as const;
export type LegalBasis = keyof typeof LEGAL_BASES;

/** Years after which personal data is erased without a request. */
export interface RetentionTerms {
  /** After the last active contact of a person without documents. */
  prospectYears: number;
  /** After the last closed document of a customer. */
  contractYears: number;
  /** After a document was closed; between contractYears and these it is an archive. */
  documentYears: number;
}

/** A rule of retention: how long something is kept without a request for erasure, and the job that then deletes it. */
interface DeclaredRule {
  kept: string;
  /** Null: it is kept until it is erased on request, or for good. */
  job: string | null;
}

export const RETENTION_RULES = {
  ORDER: {
    kept: 'RETENTION_DOCUMENT_YEARS after the order was closed, or until it is erased',
    job: 'applyRetention',
  },
  RETURN: {
    kept: 'RETENTION_DOCUMENT_YEARS after the return was closed, or until its order is erased',
    job: 'applyRetention',
  },
  RESERVATION: {
    kept: 'as long as the reservation, or until the order that it became is erased',
    job: null,
  },
  CUSTOMER: {
    kept: 'RETENTION_PROSPECT_YEARS after the last active contact and RETENTION_CONTRACT_YEARS after the last closed document, or until the customer is erased',
    job: 'applyRetention',
  },
  EXPORT: {
    kept: 'until its link expires or is revoked, or the customer is erased',
    job: 'exportCustomers',
  },
  SUPPRESSION: { kept: 'as long as imports can name the customer', job: null },
  CHANGES: { kept: 'as long as changes by the actor are on record', job: null },
  CONTACTS: { kept: 'as long as contacts with the agent are on record', job: null },
  REJECTS: {
    kept: 'IMPORT_REJECT_DAYS after its run, then the job pruneImports deletes it',
    job: 'pruneImports',
  },
  FILE: { kept: 'until the file is read', job: null },
  SALES: { kept: 'as long as the history of sales', job: null },
  UNMATCHED: { kept: 'until the sale is found', job: null },
  UNRECORDED: { kept: 'until the receipts of the customer are recorded', job: 'recordInteractions' },
} as const satisfies Record<string, DeclaredRule>;
export type RetentionRule = keyof typeof RETENTION_RULES;
