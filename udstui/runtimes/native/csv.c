/* Many rows of a CSV file at once: their numbers in columns, and which of them have all their texts alike.
 *
 * Whatever is not as udstui writes it ends the reading before its row: who called looks at that row in another way. */
#include "loops.h"
#include <string.h>

enum { MOST_TEXTS = 64, MOST_KINDS = 32, MOST_DIGITS = 18, MOST_EXACT_DIGITS = 15 };
static const double POWERS[MOST_EXACT_DIGITS + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                     1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

struct text {
    const char *at;
    int64_t size;
};

/* Rows that differ in a text: where those of the first of each stand. */
struct kinds {
    struct text texts[MOST_KINDS + 1][MOST_TEXTS];
    int64_t rows[MOST_KINDS + 1];
    int64_t count;
    int64_t texts_used;
};

/* Behind the cell; `end` if it does not end, or goes over several lines. */
static const char *behind(const char *at, const char *end)
{
    if (at == end || *at != '"') {
        while (at < end && *at != ',' && *at != '\n' && *at != '\r')
            at++;
        return at;
    }
    for (at++; at < end && *at != '\n' && *at != '\r'; at++)
        if (*at == '"') {
            if (at + 1 == end || at[1] != '"')
                return at + 1;
            at++;
        }
    return end;
}

/* Behind a number of digits only, with a point among them where there may be one, and few enough to be exact; NULL for
 * anything else. What follows it, its caller looks at. */
static const char *read_number(const char *at, const char *end, const struct udstui_column *column, int64_t row)
{
    const int is_real = column->kind == UDSTUI_REAL;
    const int64_t most = is_real ? MOST_EXACT_DIGITS : MOST_DIGITS;
    const char *const begin = at;
    int64_t value = 0, digits = 0, decimals = 0;
    for (; at < end && *at >= '0' && *at <= '9' && digits < most; at++, digits++)
        value = 10 * value + (*at - '0');
    if (is_real && digits && at < end && *at == '.') {
        for (at++; at < end && *at >= '0' && *at <= '9' && digits < most; at++, digits++, decimals++)
            value = 10 * value + (*at - '0');
        if (!decimals)
            return NULL;
    }
    if (at == begin ? column->is_needed : value < column->least)
        return NULL;
    if (at == begin)
        value = -1;
    if (is_real) /* both are exact, so the quotient is the double nearest to what is written (Clinger 1990) */
        ((double *)column->values)[row] = (double)value / POWERS[decimals];
    else
        ((int64_t *)column->values)[row] = value;
    return at;
}

/* The first row that has the texts which were put behind the last kind; -1 where there are too many kinds. */
static int64_t first_like(struct kinds *kinds, int64_t row, int64_t *guess)
{
    const struct text *ours = kinds->texts[kinds->count];
    for (int64_t tried = 0; tried < kinds->count; tried++) {
        const int64_t each = *guess = (*guess + 1) % kinds->count;
        int64_t same = 0;
        while (same < kinds->texts_used && kinds->texts[each][same].size == ours[same].size &&
               (!ours[same].size || !memcmp(kinds->texts[each][same].at, ours[same].at, (size_t)ours[same].size)))
            same++;
        if (same == kinds->texts_used)
            return kinds->rows[each];
    }
    if (kinds->count == MOST_KINDS)
        return -1;
    *guess = kinds->count;
    kinds->rows[kinds->count++] = row;
    return row;
}

/* Returns where the row ends; NULL for one that is not whole, or not as udstui writes it. */
static const char *read_row(const char *at, const char *end, struct udstui_rows *rows, struct kinds *kinds, int64_t row)
{
    int64_t texts = 0;
    for (int64_t place = 0; place < rows->width; place++) {
        const struct udstui_column *column = &rows->columns[place];
        const char *begin = at;
        const int is_number = column->kind == UDSTUI_WHOLE || column->kind == UDSTUI_REAL;
        at = is_number ? read_number(at, end, column, row) : behind(at, end);
        if (!at || at >= end || (place + 1 < rows->width && *at != ','))
            return NULL;
        if (column->kind == UDSTUI_TEXT)
            kinds->texts[kinds->count][texts++] = (struct text){begin, at - begin};
        at += place + 1 < rows->width;
    }
    kinds->texts_used = texts;
    if (*at == '\r')
        at++;
    return at < end && *at == '\n' ? at + 1 : NULL;
}

static int64_t filled(const struct udstui_column *column, int64_t rows)
{
    int64_t count = 0;
    for (int64_t row = 0; row < rows; row++)
        count += column->kind == UDSTUI_REAL ? ((double *)column->values)[row] >= 0
                                             : ((int64_t *)column->values)[row] >= 0;
    return count;
}

/* Returns how many rows were read. */
int64_t udstui_read_rows(const char *text, int64_t size_bytes, struct udstui_rows *rows)
{
    const char *at = text, *const end = text + size_bytes;
    int64_t row = 0, guess = 0, texts = 0;
    struct kinds kinds = {.count = 0};
    if (!text || !rows || rows->width <= 0)
        return UDSTUI_BAD_ARGUMENT;
    for (int64_t place = 0; place < rows->width; place++)
        texts += rows->columns[place].kind == UDSTUI_TEXT;
    if (texts > MOST_TEXTS)
        return UDSTUI_BAD_ARGUMENT;
    for (; row < rows->capacity && at < end; row++) {
        const char *next = read_row(at, end, rows, &kinds, row);
        if (!next || (rows->alike[row] = first_like(&kinds, row, &guess)) < 0)
            break;
        rows->starts[row] = at - text;
        at = next;
    }
    rows->starts[row] = at - text;
    for (int64_t place = 0; place < rows->width; place++)
        if (rows->columns[place].values)
            rows->columns[place].filled = filled(&rows->columns[place], row);
    return row;
}

/* Which rows are of this lane: by `lanes` each is of that of the first one like it. Returns how many they are, of which
 * no more than `capacity` are set. */
int64_t udstui_places(const int64_t *alike, const int64_t *lanes, int64_t rows, int64_t lane, int64_t *places,
                      int64_t capacity)
{
    int64_t count = 0;
    for (int64_t row = 0; row < rows; row++)
        if (lanes[alike[row]] == lane && ++count <= capacity)
            places[count - 1] = row;
    return count;
}

/* The values at these places, whole numbers or real ones: both have eight bytes. */
void udstui_pick(const int64_t *values, const int64_t *places, int64_t count, int64_t *picked)
{
    for (int64_t each = 0; each < count; each++)
        picked[each] = values[places[each]];
}
