// Every panel by the name that screen.json calls it by.

import circles from './circles.js';
import clock from './clock.js';
import connection from './connection.js';
import feed from './feed.js';
import foot from './foot.js';
import headline from './headline.js';
import projects from './projects.js';
import title from './title.js';
import trend from './trend.js';

export const panels = {
  circles, clock, connection, feed, foot, headline, projects, title, trend,
};
