// Every panel by the name that screen.json calls it by.

import circle from './circle.js';
import circles from './circles.js';
import clock from './clock.js';
import communities from './communities.js';
import connection from './connection.js';
import feed from './feed.js';
import foot from './foot.js';
import frame from './frame.js';
import headline from './headline.js';
import members from './members.js';
import plans from './plans.js';
import problems from './problems.js';
import projects from './projects.js';
import title from './title.js';
import trend from './trend.js';
import units from './units.js';
import venues from './venues.js';

export const panels = {
  circle, circles, clock, communities, connection, feed, foot, frame, headline, members, plans,
  problems, projects, title, trend, units, venues,
};
