import { byId, h } from './dom.js';
import { ago, many } from './format.js';
import { lookAt } from './operations-look.js';
import { drawWith, shop } from './shop.js';

function personRow({ userId, tenant, device = 'Unknown program', createdAt, lastSeenAt, current }) {
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, userId, h('span', { class: 'quiet' }, tenant)),
    h('td', {}, device, current && h('span', { class: 'badge' }, 'You, here')),
    h('td', {}, ago(createdAt)),
    h('td', {}, ago(lastSeenAt)),
  );
}

function lastPage({ total, pageSize }) {
  return Math.max(1, Math.ceil(total / pageSize));
}

function turnTo(page) {
  void lookAt({ page: Math.min(Math.max(1, page), lastPage(shop.people)) });
}

function inWords({ page, pageSize, total, sessions }) {
  const first = (page - 1) * pageSize + 1;
  return `${first} to ${first + sessions.length - 1} of ${many(total, 'session')}, newest first`;
}

function draw(people) {
  const { page, sessions } = people;
  const last = lastPage(people);
  byId('people-list').replaceChildren(...sessions.map(personRow));
  byId('people-pages').hidden = last === 1;
  // Not `disabled`: whoever stands on the button would be thrown out.
  byId('people-newer').setAttribute('aria-disabled', String(page === 1));
  byId('people-older').setAttribute('aria-disabled', String(page === last));
  const words = inWords(people);
  if (byId('people-count').textContent !== words) byId('people-count').textContent = words;
}

export function startPeople() {
  byId('people-newer').addEventListener('click', () => turnTo(shop.people.page - 1));
  byId('people-older').addEventListener('click', () => turnTo(shop.people.page + 1));
  drawWith(({ people }) => {
    if (!people) byId('people-list').replaceChildren();
    // So many have left that this page is not there any more.
    else if (people.page > lastPage(people)) turnTo(lastPage(people));
    else draw(people);
  });
}
