/**
 * Select list of one outcome record a session, from a table with id, unit, at, bounced, seconds and title: four items
 * where the session bounced, nine otherwise.
 *
 * @param ids turns names of outcomes into their numbers as an SQL array
 */
export function outcomeRows(environment, day, ids) {
  return `'${environment}', id, ${day}, unit, at, at, id, 'homepage',
      case when bounced then ${ids('session_start impressions bounce session_end')}
        else ${ids('session_start impressions click selection play watch complete buffering session_end')} end,
      case when bounced then array[1, 12, 1, 20] else array[1, 12, 1, 9000, 1, seconds, 1, 300, seconds + 60] end,
      case when bounced then array[-1, -1, -1, -1] else array[-1, -1, title, -1, title, title, title, -1, -1] end,
      case when bounced then array[0, 0, 9000, 20000]
        else array[0, 0, 8000, 9000, 9000, 9000, 900000, 10000, 1000000] end, 0,
      case when bounced then 20000 else 1000000 end`;
}
