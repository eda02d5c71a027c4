/* unit: what every unit test includes; cmocka needs its forerunners in this order. */
#ifndef TALLYD_UNIT_H
#define TALLYD_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* The number of elements of an array. */
#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

#endif
