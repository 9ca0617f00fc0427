// Where the pages are: their folders in src/pages, and the paths under which they and their files are served.

export const PAGES = ['counter', 'planner', 'desk', 'shop', 'start', 'tablets'] as const;
/** A page, by the name of its folder. */
export type PageName = (typeof PAGES)[number];

export const ASSETS = '/assets';

/** A page has the path of its folder's name, and the first page the root. */
export const addressOf = (page: PageName): string => (page === 'start' ? '/' : `/${page}`);

/** The files of pages are below these paths. The shop is for demonstrations only. */
export const pagePaths = (hasShop: boolean): string[] => [
  ...PAGES.filter((page) => hasShop || page !== 'shop').map((page) => `/${page}`),
  ASSETS,
];
