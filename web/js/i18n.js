// All words of the pages, by key. A value with {name} takes what it is given.

const zh = {
  'title.suffix': '数字驾驶舱',
  'title.default': '党建联盟',
  'weekdays': '星期日 星期一 星期二 星期三 星期四 星期五 星期六',

  'link.loading': '连接中',
  'link.live': '实时',
  'link.paused': '存储暂停',
  'link.reconnecting': '重连中',
  'link.offline': '离线',
  'link.asof': '数据截至 {time}',
  'link.queued': '{n} 条待计入',
  'age.seconds': '{n} 秒前',
  'age.minutes': '{n} 分钟前',
  'age.hours': '{n} 小时前',

  'metric.units': '联盟成员单位',
  'metric.projects': '红色合伙人项目',
  'metric.activities': '共享活动',
  'metric.venues': '共享阵地',
  'metric.residents': '辐射居民',
  'metric.problems_solved': '解决民生问题',
  'unit.units': '家',
  'unit.projects': '个',
  'unit.activities': '场',
  'unit.venues': '处',
  'unit.residents': '人次',
  'unit.problems_solved': '件',
  'head.today': '今日',
  'head.unique': '覆盖 {n} 人',
  'head.units': '{circles} 圈 · {communities} 社区',
  'head.projects': '进行 {running} · 完成 {done}',

  'trend.title': '服务趋势',
  'trend.day': '近30天',
  'trend.month': '近12月',
  'trend.activities': '活动（场）',
  'trend.residents': '居民（人次）',
  'trend.label': '活动场次与辐射居民人次的趋势',

  'circles.title': '「1+7」联盟圈',
  'circles.centre': '党建联盟',
  'circles.units': '{n} 家成员单位',
  'circles.communities': '{n} 个微联盟',
  'circles.today': '今日',
  'circles.active.before': '今日 ',
  'circles.active.after': ' 个社区有活动',
  'circles.left': '左弧　活动场次',
  'circles.right': '右弧　辐射人次',
  'circles.bright': '亮段　今日新增',
  'circles.dot': '圆点　社区微联盟',
  'circles.awake': '点亮　今日有动态',
  'circles.label': '{name}：活动 {activities} 场，今日 {activitiesToday}；居民 {residents} 人次，今日 {residentsToday}',

  'round.new': '新一轮项目',
  'round.first': '首轮项目',
  'round.size': '{categories} 类 {projects} 个',
  'status.preparing': '筹备',
  'status.running': '进行',
  'status.done': '完成',

  'feed.title': '实时动态',
  'feed.empty': '静候新的动态',
  'feed.activity': '共享活动',
  'feed.reach': '居民触达',
  'feed.venue': '新增共享阵地',
  'feed.venue.off': '阵地停止共享',
  'feed.raised': '提出民生问题',
  'feed.claimed': '认领民生问题',
  'feed.solved': '解决民生问题',
  'feed.plan': '活动预告',
  'feed.plan.off': '活动取消',
  'feed.opening': '期初数据',
  'feed.void': '更正',
  'feed.alliance': '联盟',

  'mobile.title': '联盟实时数据',
  'mobile.report': '如何上报',
  'mobile.step.1': '各单位联络员持上报令牌，由业务系统或命令行上报活动、阵地与民生问题。',
  'mobile.step.2': '没有令牌？请联系街道党建联盟办公室，由管理员开通。',
  'mobile.step.3': '同一条记录重复上报只计一次；填错的记录由管理员冲正。',
  'mobile.cockpit': '打开数字驾驶舱',
};

export function t(key, values) {
  const text = zh[key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '') : text;
}

export const weekdays = () => zh.weekdays.split(' ');
