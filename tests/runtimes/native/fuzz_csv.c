/* Rows of a CSV file under the sanitizers: as udstui writes them, and with bytes changed. What is read is read once more
 * in the plainest way, and has to be the same; no byte outside of the text and of the columns may be touched. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_WIDTH = 80, MOST_TEXTS = 64, MOST_ROWS = 50, MOST_BYTES = 1 << 18, TIMES = 40 };

static char *put_digits(char *at, unsigned count)
{
    for (; count; count--)
        *at++ = (char)('0' + any(10));
    return at;
}

static char *put_cell(char *at, int32_t kind)
{
    static const char *const texts[] = {"", "uds", "tcp", "\"a,b\"", "\"say \"\"x\"\"\"", "x y", "\xc3\xa9", "r-1"};
    if (kind == UDSTUI_TEXT || kind == UDSTUI_NOTHING) {
        const char *text = texts[any(any(4) ? 2 : 8)];
        memcpy(at, text, strlen(text));
        return at + strlen(text);
    }
    at = put_digits(at, any(8) ? 1 + any(12) : any(22));
    if (kind == UDSTUI_REAL && any(2)) {
        *at++ = '.';
        at = put_digits(at, any(6));
    }
    return at;
}

/* Of some rows; returns behind them. */
static char *put_rows(char *at, const struct udstui_rows *rows)
{
    for (int64_t count = any(MOST_ROWS); count; count--) {
        for (int64_t place = 0; place < rows->width; place++) {
            at = put_cell(at, rows->columns[place].kind);
            if (place + 1 < rows->width)
                *at++ = ',';
        }
        if (any(2))
            *at++ = '\r';
        *at++ = '\n';
    }
    return at;
}

static void change(char *text, int64_t size)
{
    static const char odd[] = ",\"\n\r.-+e 0x\0\xff";
    for (unsigned times = any(4); size && times; times--)
        text[any((unsigned)size)] = any(2) ? odd[any(sizeof odd)] : (char)any(256);
}

/* Behind a cell that was taken for whole. */
static const char *behind(const char *at)
{
    if (*at == '"') {
        for (at++; *at != '"' || at[1] == '"'; at++)
            at += *at == '"';
        return at + 1;
    }
    while (*at != ',' && *at != '\r' && *at != '\n')
        at++;
    return at;
}

static void check_number(const struct udstui_column *column, int64_t row, const char *cell, size_t size)
{
    char text[32] = "-1", *end;
    check(size < sizeof text, "a number is short");
    if (size)
        memcpy(text, cell, size), text[size] = 0;
    check(size || !column->is_needed, "a cell that is needed is not empty");
    check(strspn(text + !size, "0123456789.") == strlen(text + !size), "a number is made of digits");
    if (column->kind == UDSTUI_REAL) {
        const double value = strtod(text, &end), found = ((const double *)column->values)[row];
        check(!*end && memcmp(&value, &found, sizeof value) == 0, "a real number is the nearest there is");
    } else {
        const long long value = strtoll(text, &end, 10);
        check(!*end && value == ((const int64_t *)column->values)[row], "a whole number is what is written");
        check(!size || value >= column->least, "a number is not less than the least");
    }
}

static void check_rows(const char *text, int64_t size, const struct udstui_rows *rows, int64_t count)
{
    check(count >= 0 && count <= rows->capacity && rows->starts[count] <= size, "no more rows than there is room for");
    int64_t filled[MOST_WIDTH] = {0};
    for (int64_t row = 0; row < count; row++) {
        const char *at = text + rows->starts[row], *like = text + rows->starts[rows->alike[row]];
        check(rows->alike[row] <= row && rows->alike[rows->alike[row]] == rows->alike[row], "the first one alike");
        for (int64_t place = 0; place < rows->width; place++, at++, like++) {
            const struct udstui_column *column = &rows->columns[place];
            const char *cell = at, *cell_like = like;
            at = behind(at), like = behind(like);
            if (column->kind == UDSTUI_TEXT)
                check(at - cell == like - cell_like && !memcmp(cell, cell_like, (size_t)(at - cell)), "alike");
            else if (column->kind != UDSTUI_NOTHING) {
                check_number(column, row, cell, (size_t)(at - cell));
                filled[place] += at > cell;
            }
        }
        check(at[-1] == '\n' || (at[-1] == '\r' && *at == '\n'), "a row ends with its line");
        check(text + rows->starts[row + 1] == at + (at[-1] == '\r'), "the next row begins behind it");
    }
    for (int64_t place = 0; place < rows->width; place++)
        check(!rows->columns[place].values || rows->columns[place].filled == filled[place], "filled cells are counted");
}

static void play(char *room)
{
    struct udstui_column columns[MOST_WIDTH] = {{0}};
    struct udstui_rows rows = {.columns = columns, .width = 1 + any(MOST_WIDTH), .capacity = any(MOST_ROWS)};
    int64_t texts = 0;
    rows.alike = malloc((size_t)rows.capacity * sizeof *rows.alike);
    rows.starts = malloc((size_t)(rows.capacity + 1) * sizeof *rows.starts);
    for (int64_t place = 0; place < rows.width; place++) {
        columns[place] = (struct udstui_column){.kind = (int32_t)any(4), .least = any(2), .is_needed = any(3) == 0};
        texts += columns[place].kind == UDSTUI_TEXT;
        if (columns[place].kind >= UDSTUI_WHOLE)
            columns[place].values = malloc((size_t)rows.capacity * sizeof(int64_t));
    }
    const int64_t size = put_rows(room, &rows) - room;
    char *text = malloc((size_t)size); /* of exactly this size, so that a byte too far is seen */
    memcpy(text, room, (size_t)size);
    change(text, any(3) ? size : 0);
    const int64_t count = udstui_read_rows(text, size, &rows);
    if (texts > MOST_TEXTS)
        check(count == UDSTUI_BAD_ARGUMENT, "too many texts");
    else
        check_rows(text, size, &rows, count);
    for (int64_t place = 0; place < rows.width; place++)
        free(columns[place].values);
    free(text);
    free(rows.alike);
    free(rows.starts);
}

void refused(void)
{
    struct udstui_rows none = {.width = 0};
    check(udstui_read_rows(NULL, 0, &none) == UDSTUI_BAD_ARGUMENT, "no text");
    check(udstui_read_rows("", 0, NULL) == UDSTUI_BAD_ARGUMENT, "no rows");
    check(udstui_read_rows("", 0, &none) == UDSTUI_BAD_ARGUMENT, "no columns");
}

void one_round(int left)
{
    (void)left;
    char *room = malloc(MOST_BYTES);
    for (int times = TIMES; times; times--)
        play(room);
    free(room);
}
