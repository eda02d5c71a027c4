/* personal: does a text that a resident wrote hold what names a person? Numbers of mobile phones
 * and of identity cards are looked for, also where they are written with blanks or hyphens between
 * or in full-width digits: nobody needs them here, and what isn't taken can't leak. */
#ifndef TALLYD_PERSONAL_H
#define TALLYD_PERSONAL_H

#include <stdbool.h>

bool personal_found(const char *text); /* valid UTF-8 */

#endif
