/* idle: what a server takes while nothing happens: of the processor with thousands of screens
 * open, of memory with none. */
#include "bench.h"

#include "sys.h"

#define WINDOW 30 /* s: two of tallyd's status messages, one ping to each screen */
#define OTHERS 5  /* the others have no such rhythm */

static void measure(struct bench *b, enum server_name name, size_t screens, struct line *cpu,
                    struct line *memory)
{
    struct server s;
    server_init(&s, name, &b->place);
    server_start(&s);
    sys_pause(300 * MS);
    line_add(memory, (int)name, (double)sys_memory(s.pid) / 1e6);
    struct crowd *c = crowd_open(s.port, server_door(&s), screens, 0);
    crowd_run(c, sys_now() + S);
    int64_t window =
        (int64_t)(name == TALLYD ? bench_few(b, WINDOW, 2) : bench_few(b, OTHERS, 1)) * S;
    int64_t used = sys_cpu(s.pid);
    crowd_run(c, sys_now() + window);
    line_add(cpu, (int)name, (double)(sys_cpu(s.pid) - used) * 100 / (double)window);
    crowd_close(c);
    server_stop(&s);
}

void row_idle(struct bench *b, size_t screens)
{
    struct line *cpu = table_line(b->table, "% of a core", "CPU with %zu idle screens", screens);
    struct line *memory = table_line(b->table, "MB", "memory with no screen");
    for (int name = 0; name < SERVERS; name++) {
        if (!server_is_installed((enum server_name)name, &b->place))
            continue;
        bench_say(b, "%zu idle screens on %s", screens, server_title((enum server_name)name));
        measure(b, (enum server_name)name, screens, cpu, memory);
    }
}
