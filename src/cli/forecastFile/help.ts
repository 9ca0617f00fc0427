// The help text of `npm run forecast -- --help`.

export const HELP = `Forecasts from a file, without a database: the same methods as the nightly job.

  npm run forecast -- SERIES.csv[.gz] [options] > out.csv

SERIES is wide: one row a series, a column 'key' (or id, sku), any columns that group the series (category, shop …),
and one column a period: numbered (d_1 d_2 … days, w_1 … weeks, m_1 … months), a date (2024-01-31), an ISO week
(2024-W05) or a month (2024-01, 01/2024, Jan-24). Quarters and years are refused. An empty cell is not known; 0 is nothing sold. Comma, semicolon or tab; gzipped or not. Read twice, in bounded memory.

FORECASTS   key,origin,h,mean,q0.5,q0.75,q0.9,q0.95,q0.975: one line a series, origin and period ahead
  --origins 1857,1885     periods (number, date, week or month) after which nothing is known; default: the last one
  --horizon 28            periods ahead; default 28 days, 8 weeks or 6 months
  --out FILE              where they go; default: standard output
SUMS        key,origin,L,window,q0.5 … q0.975: what an order must cover; window 2 of 7 days is h = 8 … 14
  --sums 7,14             lengths, each at most the horizon
  --sums-out FILE         where they go; default: standard output, and then the forecasts of single periods
                          are written only with --out
ORDER-UP-TO LEVELS   scenario,key,review,S: what stock on hand and on order together are raised to
  --order-up-to           writes these instead
  --reviews 1773..1934    review dates after whose close is ordered: a list, or from..to in steps of the review
  --review-every 7        periods from one review to the next; default 7 days, or 1 week or month
  --lead-times 3,7,7,14   lead times seen, each as likely as the others: goods ordered after the close of day d
                          are on the shelf at the opening of day d + lead time + 1. NAME=3,7,7,14 names the
                          scenario; may be given several times
  --cycle-service 0.95    probability that a cycle passes without a stock-out, or
  --fill-rate 0.95        share of the units wanted that are sold from the shelf
ADDING UP   all forecasts are scaled to what their groups will sell together
  --reconcile category,shop  two group columns: the sums of each pair of their values are forecast too
  --hierarchy-out FILE    category,shop,origin,h,mean,q0.5 … q0.975: pairs, then each category, each shop and all
                          (an empty cell: all of them); default: not written
RETURNS     level,origin,h,mean and sku,origin,mean4 (with horizon 4)
  --returns SALES.csv EVENTS.csv    sales: sku, place (or cg, location), week, lines, units; returns: sku, place,
                          return_week, purchase_week (empty: not known), units
  --count lines           what is counted: lines (default) or units
  --out FILE, --sku-out FILE        weekly by level (default: standard output) and the horizon's total by SKU

WHAT IS KNOWN BESIDE THE SERIES
  --period day|week|month default: from the columns' names
  --first-day 2011-01-29  date of column number 1; default: from --calendar or the columns
  --calendar FILE         date,name; or one row a day with event_name_1 … and columns of 0 and 1. A column
                          snap_CA concerns the series that have CA in one of their group columns, others all
  --prices FILE           key,from,price: the price from a date, a period's number, or a week of the calendar
                          (from_wm_yr_wk) on. Prices and events after an origin count as known in advance
  --learn-from FILE       series to learn from instead, numbered alike: wide CSV, or NAME.u8.br with
                          NAME_index.csv.gz
  --key NAME              the key column
  --decimal-comma, --decimal-point  how files write numbers; default: as they show themselves, since 1.234 alone may
                          be two numbers
  --threads 2             worker threads; default: as many as processors

npm writes two lines of its own to standard output. They are taken out of a file that '>' makes; where output goes
through a pipe, use --out FILE or 'npm run --silent forecast -- …'.

EXAMPLES
  npm run forecast -- sales.csv > out.csv
  npm run forecast -- m5_sample_dev.csv --origins 1857,1885,1913 --horizon 28 --calendar m5_calendar.csv \\
      --prices m5_price_changes_dev.csv.gz --sums 7,14 --out days.csv --sums-out sums.csv
  npm run forecast -- m5_sample_dev.csv --order-up-to --reviews 1773..1934 --lead-times S1=2 \\
      --lead-times S2=3,7,7,14 --cycle-service 0.95 --out levels.csv
  npm run forecast -- --returns or2_sales_weekly_dev.csv or2_return_events_dev.csv --origins 60,64,68 --horizon 4 \\
      --out returns.csv --sku-out returns-sku.csv
`;
