#include "runtime/base/input.h"

static rk_status cannot_read(rk_diags *diags, const char *path, rk_span span,
                             rk_file_problem problem)
{
    if (problem == RK_FILE_FINE)
        return RK_OK;
    if (problem == RK_FILE_NO_MEMORY)
        return RK_ENOMEM;
    rk_error(diags, RK_E0601, span, "cannot read `%s`: %s", path, rk_file_problem_text(problem));
    return RK_EFILE;
}

/* The path with an end that the system knows. A NUL in it would open another file than the one
 * named. */
static rk_file_problem end_path(rk_arena *arena, rk_str path, const char **out)
{
    *out = rk_arena_copy(arena, path.data, path.len);
    if (!*out)
        return RK_FILE_NO_MEMORY;
    return path.len && memchr(path.data, 0, path.len) ? RK_FILE_ABSENT : RK_FILE_FINE;
}

rk_status rk_input_map(rk_diags *diags, rk_arena *arena, rk_str path, rk_span span, rk_mapping *out)
{
    const char *name;
    *out = (rk_mapping){{"", 0}, false};
    rk_file_problem problem = end_path(arena, path, &name);
    if (problem == RK_FILE_FINE)
        problem = rk_file_map(name, out);
    return cannot_read(diags, name, span, problem);
}

rk_status rk_input_map_plain(rk_diags *diags, rk_arena *arena, rk_str path, rk_span span,
                             rk_mapping *out)
{
    const char *name;
    *out = (rk_mapping){{"", 0}, false};
    rk_file_problem problem = end_path(arena, path, &name);
    if (problem == RK_FILE_FINE)
        problem = rk_file_map_plain(name, out);
    return cannot_read(diags, name, span, problem);
}
