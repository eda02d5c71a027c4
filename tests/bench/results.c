#include "results.h"

#include "sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#define BEGIN "<!-- measured: -->"
#define END   "<!-- :measured -->"

static void read_load(char *out, size_t size)
{
    double load[3] = {0};
    getloadavg(load, 3);
    snprintf(out, size, "%.2f %.2f %.2f", load[0], load[1], load[2]);
}

void results_begin(struct results *r)
{
    time_t now = time(NULL);
    struct tm t;
    gmtime_r(&now, &t);
    strftime(r->began, sizeof r->began, "%Y-%m-%d %H:%M UTC", &t);
    read_load(r->load_before, sizeof r->load_before);
}

static void read_processor(char *out, size_t size)
{
    char line[256];
    FILE *f = fopen("/proc/cpuinfo", "re");
    snprintf(out, size, "unknown processor");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, "model name", 10) == 0 && strchr(line, ':')) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(out, size, "%s", strchr(line, ':') + 2);
            break;
        }
    if (f)
        fclose(f);
}

static void write_machine(const struct results *r, bool quick, size_t repeats, struct buf *out)
{
    char processor[200], load[64];
    struct utsname kernel;
    uname(&kernel);
    read_processor(processor, sizeof processor);
    read_load(load, sizeof load);
    buf_addf(out,
             "%s; %ld cores of %s; %s %s; load average before %s, after %s (its own work "
             "included); medians of %zu repeat%s%s.\n\n",
             r->began, sysconf(_SC_NPROCESSORS_ONLN), processor, kernel.sysname, kernel.release,
             r->load_before, load, repeats, repeats == 1 ? "" : "s",
             quick ? " in the short mode, which only proves that all runs" : "");
}

static void read_file(const char *path, struct buf *out)
{
    char part[4096];
    size_t n;
    FILE *f = fopen(path, "re");
    while (f && (n = fread(part, 1, sizeof part, f)) > 0)
        buf_add(out, part, n);
    if (f)
        fclose(f);
}

static void replace(const char *path, const struct buf *part)
{
    struct buf old = {0}, new = {0};
    read_file(path, &old);
    char *from = old.len ? strstr(old.data, BEGIN) : NULL, *to = from ? strstr(from, END) : NULL;
    if (to) {
        buf_add(&new, old.data, (size_t)(from - old.data));
        to += sizeof END - 1;
    }
    buf_addf(&new, BEGIN "\n\n%s\n" END, part->data);
    buf_adds(&new, to ? to : "\n");
    FILE *f = fopen(path, "we");
    if (!f || fwrite(new.data, 1, new.len, f) != new.len || fclose(f) != 0)
        sys_die("can't write %s", path);
    buf_free(&old);
    buf_free(&new);
}

void results_write(const struct results *r, struct table *t, bool quick, size_t repeats,
                   const char *file)
{
    struct buf out = {0};
    write_machine(r, quick, repeats, &out);
    table_write(t, &out);
    fputs(out.data, stdout);
    if (file)
        replace(file, &out);
    buf_free(&out);
}
