/* The main function of a fuzz harness without a fuzzer: runs LLVMFuzzerTestOneInput on the files
 * and folders given, so that what was found once stays found. Linked with one harness each. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATH_SIZE = 4096, DEPTH_MAX = 8 };

static int n_run, n_failed;

static void fail(const char *path, const char *why)
{
    fprintf(stderr, "%s: %s\n", path, why);
    n_failed++;
}

static void run_file(const char *path, size_t size)
{
    FILE *const file = fopen(path, "rb");
    uint8_t *const data = malloc(size + 1);
    if (!file || !data || fread(data, 1, size, file) != size) {
        fail(path, "cannot be read");
    } else {
        LLVMFuzzerTestOneInput(data, size);
        n_run++;
    }
    free(data);
    if (file)
        fclose(file);
}

static void run_path(const char *path, int depth);

static void run_folder(const char *path, int depth)
{
    DIR *const folder = depth < DEPTH_MAX ? opendir(path) : NULL;
    if (!folder) {
        fail(path, "cannot be opened");
        return;
    }
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char inner[PATH_SIZE];
        const int len = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && len > 0 && (size_t)len < sizeof inner)
            run_path(inner, depth + 1);
    }
    closedir(folder);
}

static void run_path(const char *path, int depth)
{
    struct stat about;
    if (stat(path, &about) != 0)
        fail(path, "is not there");
    else if (S_ISDIR(about.st_mode))
        run_folder(path, depth);
    else
        run_file(path, (size_t)about.st_size);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run_path(argv[i], 0);
    printf("%d passed, %d failed\n", n_run, n_failed);
    return n_failed || n_run == 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
