import { expect, test } from 'vitest';
import { joinTitles, type NamedTitle } from '../../src/files/title-join.ts';

const title = (text: string): NamedTitle => {
  const [, name, year] = /^(.*) (\d+)$/.exec(text)!;
  return { name: name!, year: Number(year) };
};

test.each<[string, string, string[], string | undefined]>([
  ['an article at the end', 'Matrix, The 1999', ['The Matrix 1999'], 'The Matrix 1999'],
  ['an article on one side only', 'Night Flier 1997', ['The Night Flier 1997'], 'The Night Flier 1997'],
  ['a foreign article', 'Misérables, Les 2012', ['Les Miserables 2012'], 'Les Miserables 2012'],
  ['an elided article', "Avventura, L' 1960", ["L'Avventura 1960"], "L'Avventura 1960"],
  ['nothing but an article', 'The 2010', ['A 2010', 'The 2010'], 'The 2010'],
  ['accents', 'Amélie 2001', ['Amelie 2001'], 'Amelie 2001'],
  ['punctuation and case', 'Wagons East 1994', ['WAGONS EAST! 1994'], 'WAGONS EAST! 1994'],
  ['an ampersand', 'Tristan & Isolde 2006', ['Tristan and Isolde 2006'], 'Tristan and Isolde 2006'],
  ['an alternative name', 'Seven (a.k.a. Se7en) 1995', ['Se7en 1995'], 'Se7en 1995'],
  ['the second alternative name', 'One (Two, The) (Three) 1995', ['Three 1995'], 'Three 1995'],
  [
    'an alternative name on the other side',
    'Kites 2010',
    ['Kites: The Remix (Kites) 2010'],
    'Kites: The Remix (Kites) 2010',
  ],
  [
    'a name in brackets',
    '(500) Days of Summer 2009',
    ['(500) Days of Summer 2009'],
    '(500) Days of Summer 2009',
  ],
  ['a subtitle', 'Orca: The Killer Whale 1977', ['Orca 1977'], 'Orca 1977'],
  [
    'what follows a dash',
    'Star Wars: Episode VI - Return of the Jedi 1983',
    ['Return of the Jedi 1983'],
    'Return of the Jedi 1983',
  ],
  ['a year apart', 'Hurt Locker, The 2008', ['The Hurt Locker 2009'], 'The Hurt Locker 2009'],
  ['the same year rather than a year apart', 'Once 2006', ['Once 2007', 'Once 2006'], 'Once 2006'],
  [
    'the name itself rather than an alternative',
    'Once 2006',
    ['Twice (Once) 2006', 'Once 2006'],
    'Once 2006',
  ],
  ['two years apart', 'Once 2006', ['Once 2008'], undefined],
  ['two a year apart', 'Once 2006', ['Once 2005', 'Once 2007'], undefined],
  ['two of the same year', 'Once 2006', ['Once 2006', 'The Once 2006'], undefined],
  ['a subtitle a year apart', 'Orca: The Killer Whale 1977', ['Orca 1978'], undefined],
  ['subtitles that are one word', 'Patlabor: The Movie 1993', ['Tom and Jerry: The Movie 1993'], undefined],
  ['an unknown year', 'Once 0', ['Once 0'], undefined],
  ['another name', 'Once 2006', ['Twice 2006'], undefined],
])('%s', (_, one, others, expected) => {
  const [row] = joinTitles([title(one)], others.map(title));
  expect(others[row!]).toBe(expected);
});

test('an entry found by a surer comparison is not given away again, two titles of one name share it', () => {
  const titles = ['Emma 1996', 'Emma (Anna) 1997', 'Emma 1996'].map(title);
  expect([...joinTitles(titles, [title('Emma 1996')])]).toEqual([0, -1, 0]);
});
