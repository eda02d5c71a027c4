/* crc32c: the Castagnoli checksum (as in iSCSI, ext4) that tells a record as it was written from
 * one that the disk or a crash has spoilt. By the processor's own instruction where there is one,
 * else by tables, which are filled before main and never change: the one state here. */
#ifndef TALLYD_CRC32C_H
#define TALLYD_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Goes on from CRC, the checksum of what came before; 0 to begin. */
uint32_t crc32c(uint32_t crc, const void *bytes, size_t n);
/* The same by the tables alone, for machines without the instruction and for comparing. */
uint32_t crc32c_by_table(uint32_t crc, const void *bytes, size_t n);

#endif
